#!/usr/bin/env bash
# Signs in with real counterparties: installs what is missing, builds, runs all cases (README.md).
# Usage: interop/run.sh [--only=control,msal,upstream,entra,application,apache,chromium]
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:$HOME/.cargo/bin:/usr/sbin:/sbin"

packages=()
has() { command -v "$1" >/dev/null; }
has node || packages+=(nodejs)
has npm || packages+=(npm)
has openssl || packages+=(openssl)
has apache2 || packages+=(apache2-bin)
[[ -e /usr/lib/apache2/modules/mod_auth_openidc.so ]] || packages+=(libapache2-mod-auth-openidc)
has chromium || packages+=(chromium)
has chromedriver || packages+=(chromium-driver)
compgen -G '/usr/share/fonts/truetype/*/*.ttf' >/dev/null || packages+=(fonts-dejavu-core)
if [[ ${#packages[@]} -gt 0 ]]; then
  line="apt-get install -y --no-install-recommends ${packages[*]}"
  if [[ $(id -u) -eq 0 ]]; then as_root=(env); else as_root=(sudo -n); fi
  if ! has apt-get || ! "${as_root[@]}" true 2>/dev/null; then
    echo "Missing: ${packages[*]}. Run this line, then start again: sudo $line" >&2
    exit 1
  fi
  echo "Installing ${packages[*]}" >&2
  "${as_root[@]}" apt-get -qq update >&2
  # shellcheck disable=SC2086
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $line >&2
fi

(cd interop && npm ci --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error >&2)
if grep -q '"resolved"' interop/package-lock.json; then
  echo "interop/package-lock.json names download addresses: remove its \"resolved\" lines" >&2
  exit 1
fi

cargo build -q -p symbolon-server --bin symbolon
cargo build -q -p symbolon-testkit --features browser --bin symbolon-browser-walk --bin fake_entra

# MSAL speaks https only: an authority for this run, which only this process believes, and what it vouches for.
INTEROP_TLS=$(mktemp -d)
trap 'rm -rf "$INTEROP_TLS"' EXIT
make_certificate() { # NAME SUBJECT OPTION...
  openssl req -x509 -nodes -days 2 -keyout "$INTEROP_TLS/$1.key" -out "$INTEROP_TLS/$1.pem" -subj "$2" "${@:3}" 2>/dev/null
}
curve=(-newkey ec -pkeyopt ec_paramgen_curve:P-256)
make_certificate ca "/CN=interop" "${curve[@]}"
make_certificate tls "/CN=localhost" "${curve[@]}" -CA "$INTEROP_TLS/ca.pem" -CAkey "$INTEROP_TLS/ca.key" \
  -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE
make_certificate msal "/CN=msal" -newkey rsa:2048
export INTEROP_TLS NODE_EXTRA_CA_CERTS="$INTEROP_TLS/ca.pem"
node interop/run.mjs "$@"
