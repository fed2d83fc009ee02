#!/bin/sh
# Builds seat-planner.wasm. COMPONENTIZE_PY names the tool of requirements.txt.
set -eu
cd "$(dirname "$0")"
PYTHONDONTWRITEBYTECODE=1 "${COMPONENTIZE_PY:-componentize-py}" -d wit -w mapping-plugin \
  componentize --stub-wasi app -o seat-planner.wasm
