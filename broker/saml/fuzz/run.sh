#!/usr/bin/env bash
# Fuzzes the SAML boundary: broker/saml/fuzz/run.sh [TARGET...], FUZZ_SECONDS (60) each.
# What was learnt stays in the target folder; a finding is an error, and its input lies beside it.
# The stable compiler is enough: instrument.sh adds libFuzzer's counters.
set -euo pipefail
cd "$(dirname "$0")"
folder=${CARGO_TARGET_DIR:-../../../target}/fuzz-saml
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
host=$(rustc -vV | sed -n 's/^host: //p')
[[ $# -gt 0 ]] || set -- gate redirect response metadata decrypt
CARGO_TARGET_DIR=$folder RUSTC_WRAPPER=$PWD/instrument.sh cargo build -q --locked --target "$host" --bins
for target in "$@"; do
  case $target in
    gate | metadata | response) options=(-max_len=16384 -dict=saml.dict) ;;
    redirect) options=(-max_len=4096 -dict=saml.dict) ;;
    decrypt) options=(-max_len=8192 -dict=saml.dict) ;;
    *) echo "no target $target" >&2; exit 2 ;;
  esac
  echo "== $target, ${FUZZ_SECONDS:-60} s"
  mkdir -p "$folder/corpus/$target"
  folders=("$folder/corpus/$target" "seeds/$target")
  if [[ $target == gate && -d ../tests/hostile ]]; then folders+=(../tests/hostile); fi
  "$folder/$host/debug/$target" "${options[@]}" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=60 -rss_limit_mb=2048 \
    -print_final_stats=1 -verbosity=0 -artifact_prefix="$folder/finding-$target-" "${folders[@]}"
done
