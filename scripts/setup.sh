#!/usr/bin/env bash
# Finds what building and testing need and installs what is missing; silent when nothing is.
# Usage: scripts/setup.sh [demo]      `demo` needs no PostgreSQL server.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:$HOME/.cargo/bin:/usr/sbin:/sbin"
purpose=${1:-test}
packages=()

if ! command -v cargo >/dev/null; then
  echo "Rust is missing. Install it from https://rustup.rs, then run this again:" >&2
  echo "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal" >&2
  exit 1
fi

compiles() { printf '#include <stdlib.h>\nint main(void){return 0;}\n' | cc -x c -fsyntax-only - 2>/dev/null; }
has_library() { pkg-config --exists "$1" 2>/dev/null; }
locked() { grep -q "^name = \"$1\"$" Cargo.lock; }
has_initdb() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

compiles || packages+=(gcc libc6-dev)
command -v pkg-config >/dev/null || packages+=(pkg-config)
has_library libpq || packages+=(libpq-dev)
# Outgoing HTTPS trusts the system's authorities and refuses to start without any.
[[ -e /etc/ssl/certs/ca-certificates.crt || -d /etc/pki/tls ]] || packages+=(ca-certificates)
# SAML stands on xmlsec; nobody installs it for a tree that does not link it.
if locked samael || locked libxml; then
  has_library libxml-2.0 || packages+=(libxml2-dev)
  has_library xmlsec1 || packages+=(libxmlsec1-dev libxmlsec1-openssl)
  compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null || packages+=(libclang-dev)
fi
# Tests start their own throwaway cluster from these binaries.
[[ $purpose == demo || -n ${SYMBOLON_TEST_SKIP_POSTGRES:-} ]] || has_initdb || packages+=(postgresql)

[[ ${#packages[@]} -gt 0 ]] || exit 0

line="apt-get install -y --no-install-recommends ${packages[*]}"
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  as_root=(sudo -n)
fi
if ! command -v apt-get >/dev/null; then
  echo "Missing (names of Debian's packages): ${packages[*]}. Install them, then run this again." >&2
  exit 1
fi
if [[ ${#as_root[@]} -gt 0 ]] && ! { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; then
  echo "Missing: ${packages[*]}. Run this line, then start again:" >&2
  echo "  sudo apt-get update && sudo $line" >&2
  exit 1
fi

apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >&2; }

echo "Installing ${packages[*]}" >&2
apt update
settings=/etc/postgresql-common/createcluster.conf
if [[ " ${packages[*]} " == *" postgresql "* && ! -e $settings ]]; then
  # Only the programs are wanted, not a server of the system that starts on port 5432.
  apt install -y --no-install-recommends postgresql-common
  "${as_root[@]}" sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' "$settings"
  trap '"${as_root[@]}" sed -i "s/^create_main_cluster = false/#create_main_cluster = true/" "$settings"' EXIT
fi
apt install -y --no-install-recommends "${packages[@]}"
