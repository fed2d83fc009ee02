#!/usr/bin/env bash
# A compiler wrapper: libFuzzer's counters only in the code that reads what a stranger wrote. Everything else is built
# as always, so that the targets are ready in minutes.
set -euo pipefail
name='' target=''
arguments=("$@")
for ((at = 0; at < ${#arguments[@]}; at++)); do
  case ${arguments[at]} in
    --crate-name) name=${arguments[at + 1]} ;;
    --target) target=${arguments[at + 1]} ;;
  esac
done
# Without --target it is a build script or a macro: those run inside the compiler.
if [[ -n $target ]]; then
  case $name in
    symbolon_* | roxmltree | quick_xml | samael | gate | redirect | response | metadata | decrypt)
      exec "$@" -Cpasses=sancov-module -Ccodegen-units=1 -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares
      ;;
  esac
fi
exec "$@"
