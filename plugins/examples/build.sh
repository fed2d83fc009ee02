#!/bin/sh
# Builds plugins/dist/examples: build.sh [c] [javascript] [python] [rust]; without arguments, all that this machine can.
#   c           CLANG (default clang-19), with wasm-ld
#   javascript  npm
#   python      COMPONENTIZE_PY (default componentize-py), the version of python/requirements.txt
#   rust        as ../build.sh: rustup's target wasm32-unknown-unknown, or SYMBOLON_WASM_TOOLCHAIN
# The broker and the tests need none of them: they take the committed components.
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
dist="$root/plugins/dist/examples"
target_dir=${CARGO_TARGET_DIR:-$root/plugins/target}
triple=wasm32-unknown-unknown
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$dist"

encode() { # core module -> component, as `symbolon plugin build` does it
  (cd "$root/plugins" && CARGO_TARGET_DIR="$target_dir" cargo build --locked -q -p symbolon-componentize)
  "$target_dir/debug/symbolon-componentize" "$1" "$2"
}

build_c() {
  cp -r c "$work/" && sh "$work/c/build.sh" && encode "$work/c/plug.wasm" "$dist/c.wasm"
  compiler=$("${CLANG:-clang-19}" --version | head -n1)
}

build_javascript() {
  cp -r javascript "$work/" && rm -rf "$work/javascript/node_modules"
  (cd "$work/javascript" && npm install --silent --no-audit --no-fund && npm run --silent build >/dev/null)
  cp "$work/javascript/seat-planner.wasm" "$dist/javascript.wasm"
  compiler="jco $(version_in_package_json @bytecodealliance/jco), componentize-qjs $(version_in_package_json componentize-qjs)"
}

version_in_package_json() { sed -n "s|.*\"$1\": \"\(.*\)\".*|\1|p" javascript/package.json; }

build_python() {
  cp -r python "$work/" && sh "$work/python/build.sh"
  gzip -9nc "$work/python/seat-planner.wasm" >"$dist/python.wasm.gz"
  compiler=$("${COMPONENTIZE_PY:-componentize-py}" --version)
}

remap() { printf -- '--remap-path-prefix=%s=%s ' "$1" "$2"; }

# The package beside the SDK in one workspace: cargo hashes the absolute path of a dependency outside the workspace
# into every symbol, and two machines would build different bytes.
stage_rust() {
  stage="$work/stage"
  mkdir -p "$stage/plugins/examples/rust/cases" "$stage/broker/contract/src"
  cp "$root/broker/contract/src/mapping.rs" "$stage/broker/contract/src/"
  cp -r "$root/plugins/sdk" "$stage/plugins/"
  cp -r rust/src rust/rules.schema.json "$stage/plugins/examples/rust/"
  cp rust/cases/config.json "$stage/plugins/examples/rust/cases/"
  sed '/^\[workspace\]/d; /^\[profile/,$d' rust/Cargo.toml >"$stage/plugins/examples/rust/Cargo.toml"
  {
    sed 's|^members = .*|members = ["sdk", "examples/rust"]|; /^\[profile/,$d' "$root/plugins/Cargo.toml"
    sed -n '/^\[profile/,$p' rust/Cargo.toml
  } >"$stage/plugins/Cargo.toml"
  cp rust/Cargo.lock "$stage/plugins/"
}

build_rust() {
  stage_rust
  export CARGO_TARGET_DIR="$target_dir"
  if rustup target list --installed 2>/dev/null | grep -qx "$triple"; then
    compiler=$(rustc --version)
    (cd "$stage/plugins" && CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$(remap "$stage" /symbolon)$(remap "${CARGO_HOME:-$HOME/.cargo}" /cargo)" \
      cargo build --release -p seat-planner --target "$triple")
  else
    prefix=$(cd "$SYMBOLON_WASM_TOOLCHAIN" && pwd)
    std=$(readlink -f "$prefix/usr/lib/rustlib/src/rust")
    home=${SYMBOLON_WASM_CARGO_HOME:-$prefix/cargo-home}
    libraries="$prefix/usr/lib/x86_64-linux-gnu:$prefix/usr/lib/llvm-22/lib"
    compiler="$(LD_LIBRARY_PATH="$libraries" "$prefix/usr/bin/rustc" --version), std built from source"
    ( # A subshell: none of this may reach another build.
      cd "$stage/plugins"
      export LD_LIBRARY_PATH="$libraries" PATH="$prefix/usr/bin:$PATH" CARGO_HOME="$home" RUSTC_BOOTSTRAP=1
      export RUSTC="$prefix/usr/bin/rustc"
      export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$prefix/usr/lib/llvm-22/bin/wasm-ld"
      export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$(remap "$stage" /symbolon)$(remap "$home" /cargo)$(remap "$std" /rustc)$(remap "$prefix/usr/lib/rustlib/src/rust" /rustc)-Zremap-cwd-prefix=/symbolon/plugins"
      unset RUSTUP_TOOLCHAIN
      "$prefix/usr/bin/cargo" build --release -Zbuild-std=std,panic_abort -p seat-planner --target "$triple"
    )
  fi
  encode "$target_dir/$triple/release/seat_planner.wasm" "$dist/rust.wasm"
}

# What a component is made of, for the freshness test: paths from the root of the repository.
inputs_of() {
  here="plugins/examples/$1"
  case $1 in
  c) for file in build.sh inc json.c json.h libc.c mapping_plugin.c mapping_plugin.h mapping_plugin_component_type.o plug.c; do echo "$here/$file"; done ;;
  javascript) for file in mapper.js package.json wit; do echo "$here/$file"; done ;;
  python) for file in app.py build.sh requirements.txt wit; do echo "$here/$file"; done ;;
  rust)
    for file in Cargo.lock Cargo.toml cases/config.json rules.schema.json src; do echo "$here/$file"; done
    echo plugins/sdk
    echo broker/contract/src/mapping.rs
    ;;
  esac
}

hash_of_inputs() {
  (cd "$root" && inputs_of "$1" | xargs -I{} find {} -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
}

section() { # writes the section of a language that was just built
  case $1 in
  python) file=python.wasm.gz bytes="not byte-comparable; gzip -9, because 18 MB are too much for a repository" ;;
  javascript) file=javascript.wasm bytes="not byte-comparable" ;;
  rust) file=rust.wasm bytes="byte-comparable with this compiler" ;;
  c) file=c.wasm bytes="byte-comparable with this compiler" ;;
  esac
  echo "[$1]"
  echo "compiler = \"$compiler\""
  echo "bytes = \"$bytes\""
  echo "file = \"$file\""
  echo "sha256 = \"$(sha256sum "$dist/$file" | cut -d' ' -f1)\""
  echo "inputs = \"$inputs\""
  echo "inputs_of = [$(inputs_of "$1" | sed 's/.*/"&"/' | paste -sd, | sed 's/,/, /g')]"
}

can_build() {
  case $1 in
  c) command -v "${CLANG:-clang-19}" >/dev/null ;;
  javascript) command -v npm >/dev/null ;;
  python) command -v "${COMPONENTIZE_PY:-componentize-py}" >/dev/null ;;
  rust) [ -n "${SYMBOLON_WASM_TOOLCHAIN:-}" ] || rustup target list --installed 2>/dev/null | grep -qx "$triple" ;;
  *) echo "build.sh: no example in $1" >&2 && exit 2 ;;
  esac
}

[ $# -gt 0 ] || set -- c javascript python rust
for language in "$@"; do
  if can_build "$language"; then
    inputs=$(hash_of_inputs "$language") # before: what changes during a build is not in it
    "build_$language"
    section "$language" >"$work/$language.section"
  else
    echo "build.sh: not built here, no toolchain: $language" >&2
  fi
done

info="$dist/BUILDINFO.toml"
[ -e "$info" ] || : >"$info"
{
  echo "# Written by plugins/examples/build.sh. The freshness test compares \`inputs\`: the sha256 over the lines of"
  echo "# sha256sum over \`inputs_of\`, sorted by path."
  for language in c javascript python rust; do
    echo
    if [ -e "$work/$language.section" ]; then
      cat "$work/$language.section"
    else
      awk -v wanted="[$language]" '/^\[/ { inside = ($0 == wanted) } inside && NF' "$info"
    fi
  done
} >"$work/info"
cp "$work/info" "$info"
cat "$info"
