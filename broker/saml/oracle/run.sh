#!/usr/bin/env bash
# Asks a second engine about every signature of SAML's test documents: broker/saml/oracle/run.sh
# The hostile documents are signed anew for each run.
set -euo pipefail
cd "$(dirname "$0")"
# Outside the tree, where no check of the workspace looks.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/symbolon/target}
hostile=$(mktemp -d)
trap 'rm -rf "$hostile"' EXIT
(cd .. && cargo run -q --locked --example write_hostile -- "$hostile")
cargo run -q --locked -- "$hostile"
