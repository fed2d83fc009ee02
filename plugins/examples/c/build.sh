#!/bin/sh
# Compiles plug.wasm. CLANG names the compiler: clang with the target wasm32 and wasm-ld, version 15 or newer.
set -eu
cd "$(dirname "$0")"
"${CLANG:-clang-19}" --target=wasm32 -Os -Wall -Wextra -nostdlib -mbulk-memory -I inc \
  -Wl,--no-entry,-s plug.c json.c libc.c mapping_plugin.c mapping_plugin_component_type.o -o plug.wasm
