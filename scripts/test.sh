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
# The plugins have a workspace of their own, because they compile for wasm32 too.
(cd plugins && cargo test --workspace --no-fail-fast) || failed=1

exit $failed
