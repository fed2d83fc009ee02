#!/bin/sh
# Rebuilds the committed components and compares bytes (wasm.md WP-128). Needs what build.sh needs.
# Same compiler as recorded: red on any difference. Another compiler: prints "not byte-compared: other
# compiler" and runs the corpus through what it has built, so that it is never silently green.
set -eu
cd "$(dirname "$0")"
root=$(cd .. && pwd)
value() { sed -n "s/^$1 = \"\(.*\)\"/\1/p" "$2" | head -n1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A copy in another folder: the bytes must not depend on where the sources lie.
mkdir -p "$work/tree/broker/contract/src"
cp -R "$root/plugins" "$work/tree/plugins"
rm -rf "$work/tree/plugins/target" "$work/tree/plugins/examples" "$work/tree/plugins/dist"
cp -R "$root/schemas" "$work/tree/schemas"
cp "$root/broker/contract/src/mapping.rs" "$work/tree/broker/contract/src/"
(cd "$work/tree/plugins" && CARGO_TARGET_DIR="$work/target" ./build.sh >"$work/log" 2>&1) || {
  tail -n 40 "$work/log" >&2
  exit 1
}

recorded=$(value compiler dist/BUILDINFO.toml)
here=$(value compiler "$work/tree/plugins/dist/BUILDINFO.toml")
status=0
for plugin in default-mapper misbehaving; do
  if cmp -s "dist/$plugin.wasm" "$work/tree/plugins/dist/$plugin.wasm"; then
    echo "$plugin: same bytes"
  elif [ "$recorded" = "$here" ]; then
    echo "$plugin: DIFFERENT BYTES with the recorded compiler ($here)" >&2
    status=1
  else
    echo "$plugin: not byte-compared: other compiler (recorded: $recorded; here: $here)"
    other=yes
  fi
done
if [ -n "${other:-}" ]; then
  echo "running the corpus through the components built here"
  cp "$work/tree/plugins/dist/"*.wasm "$work/"
  SYMBOLON_REBUILT="$work" cargo test --manifest-path "$root/Cargo.toml" -p symbolon-plugin-host --test it corpus
fi
exit $status
