#!/bin/sh
# Builds plugins/dist/*.wasm and BUILDINFO.toml. Needs one of two toolchains:
#   - rustup with the target wasm32-unknown-unknown, or
#   - SYMBOLON_WASM_TOOLCHAIN=<prefix>: Debian's rustc-web, cargo-web, rust-web-src, libstd-rust-web-*,
#     lld-22 and their libraries unpacked there with `dpkg -x` (nothing installed); builds std itself.
# The broker needs neither: it takes the committed components.
set -eu
cd "$(dirname "$0")"
root=$(cd .. && pwd)
target_dir=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR="$target_dir"
triple=wasm32-unknown-unknown
plugins="default-mapper misbehaving"
packages="-p symbolon-default-mapper -p symbolon-misbehaving"

# The native tool first, with the ordinary toolchain.
cargo build --locked -q -p symbolon-componentize
componentize="$target_dir/debug/symbolon-componentize"

# A shadow stack of 512 KiB, and memory that need not grow during an ordinary call.
memory="-Clink-arg=-zstack-size=524288 -Clink-arg=--initial-memory=1572864 "
remap() { printf -- '--remap-path-prefix=%s=%s ' "$1" "$2"; }

if rustup target list --installed 2>/dev/null | grep -qx "$triple"; then
  route="rustup"
  compiler=$(rustc --version)
  flags="$memory$(remap "$root" /symbolon)$(remap "${CARGO_HOME:-$HOME/.cargo}" /cargo)"
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$flags" \
    cargo build --release --locked --target "$triple" $packages
elif [ -n "${SYMBOLON_WASM_TOOLCHAIN:-}" ]; then
  route="debian rustc-web, std built from source"
  prefix=$(cd "$SYMBOLON_WASM_TOOLCHAIN" && pwd)
  std=$(readlink -f "$prefix/usr/lib/rustlib/src/rust")
  cargo_home=${SYMBOLON_WASM_CARGO_HOME:-$prefix/cargo-home}
  mkdir -p "$cargo_home"
  LD_LIBRARY_PATH="$prefix/usr/lib/x86_64-linux-gnu:$prefix/usr/lib/llvm-22/lib"
  compiler=$(LD_LIBRARY_PATH="$LD_LIBRARY_PATH" "$prefix/usr/bin/rustc" --version)
  flags="$memory$(remap "$root" /symbolon)$(remap "$cargo_home" /cargo)$(remap "$std" /rustc)$(remap "$prefix/usr/lib/rustlib/src/rust" /rustc)-Zremap-cwd-prefix=/symbolon/plugins"
  ( # A subshell: none of this may reach a build of the broker.
    export LD_LIBRARY_PATH PATH="$prefix/usr/bin:$PATH" CARGO_HOME="$cargo_home" RUSTC_BOOTSTRAP=1
    export RUSTC="$prefix/usr/bin/rustc"
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$flags"
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$prefix/usr/lib/llvm-22/bin/wasm-ld"
    unset RUSTUP_TOOLCHAIN
    "$prefix/usr/bin/cargo" build --release --locked -Zbuild-std=std,panic_abort --target "$triple" $packages
  )
else
  echo "build.sh: no wasm toolchain. Either: rustup target add $triple" >&2
  echo "          or: set SYMBOLON_WASM_TOOLCHAIN (see the head of this file)" >&2
  exit 1
fi

mkdir -p dist
for plugin in $plugins; do
  module="$target_dir/$triple/release/symbolon_$(printf %s "$plugin" | tr - _).wasm"
  "$componentize" "$module" "dist/$plugin.wasm"
done

# sha256 over "<sha256>  <path>" lines of every input, sorted by path; the freshness test of
# broker/plugin-host computes the same.
inputs=$(cd "$root" && find plugins/Cargo.toml plugins/Cargo.lock plugins/build.sh plugins/sdk \
  plugins/componentize plugins/default-mapper/Cargo.toml plugins/default-mapper/src \
  plugins/default-mapper/schema plugins/misbehaving schemas/wit/symbolon-mapping-1.1.0 \
  broker/contract/src/mapping.rs -type f ! -name tests.rs | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)

package_version() { grep -A1 "^name = \"$1\"$" Cargo.lock | sed -n 's/^version = "\(.*\)"/\1/p' | head -n1; }
sha() { sha256sum "dist/$1.wasm" | cut -d' ' -f1; }
{
  echo "# Written by plugins/build.sh. The freshness test compares \`inputs\`."
  echo "compiler = \"$compiler\""
  echo "route = \"$route\""
  echo "flags = \"--release; ${memory}path prefixes remapped to /symbolon, /cargo, /rustc\""
  echo "inputs = \"$inputs\""
  echo
  echo "[packages]"
  for package in cel regex-lite serde serde_json wit-bindgen wit-component; do
    echo "$package = \"$(package_version $package)\""
  done
  echo
  echo "[components]"
  for plugin in $plugins; do echo "$plugin = \"$(sha "$plugin")\""; done
} >dist/BUILDINFO.toml
cat dist/BUILDINFO.toml
