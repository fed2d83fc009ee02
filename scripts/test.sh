#!/usr/bin/env bash
# All tests. Uses nextest where it is installed, else plain cargo; both must pass.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace --no-fail-fast --retries 0 || failed=1
  cargo test --workspace --doc --no-fail-fast || failed=1
else
  cargo test --workspace --no-fail-fast || failed=1
fi
# The flows in which rows are spent, ended and told, on PostgreSQL as well; `make test-postgres` runs all of them there.
if [[ -z ${SYMBOLON_TEST_SKIP_POSTGRES:-} ]]; then
  SYMBOLON_TEST_DATABASE=postgres cargo test --workspace --no-fail-fast --test it -- \
    applications_told:: application_consent:: authorize:: front_channel:: grants:: recorded_sign_ins:: sign_in:: token:: || failed=1
fi
# The plugins have a workspace of their own, because they compile for wasm32 too.
(cd plugins && cargo test --workspace --no-fail-fast) || failed=1

exit $failed
