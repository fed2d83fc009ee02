#!/usr/bin/env bash
# Signs in with real counterparties: installs what is missing, builds, runs all cases (README.md).
# Usage: interop/run.sh [--control | --only=control,saml-control,msal,upstream,entra,saml,spid,application,apache,authlib,go,page,suite,chromium]
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
php -r 'exit((int) !(extension_loaded("dom") && extension_loaded("mbstring") && extension_loaded("curl")));' 2>/dev/null ||
  packages+=(php-cli php-xml php-mbstring php-curl)
has xmlsec1 || packages+=(xmlsec1)
python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3 python3-venv)
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

cache="${XDG_CACHE_HOME:-$HOME/.cache}/symbolon"
# Python's counterparties, in an environment of their own that is made anew when the list changes.
export INTEROP_PYTHON="$cache/interop-py/bin/python"
stamp=$({ python3 --version; cat interop/requirements.txt; } | sha256sum)
if [[ "$(cat "$cache/interop-py/stamp" 2>/dev/null)" != "$stamp" ]]; then
  python3 -m venv --clear "$cache/interop-py"
  "$INTEROP_PYTHON" -m pip install -q --disable-pip-version-check -r interop/requirements.txt >&2
  echo "$stamp" >"$cache/interop-py/stamp"
fi

# Debian's SimpleSAMLphp is unpacked, not installed: the package wants a web server to run on port 80, PHP has one.
export INTEROP_SIMPLESAMLPHP="$cache/simplesamlphp"
if [[ ! -d "$INTEROP_SIMPLESAMLPHP/usr/share/simplesamlphp" ]]; then
  fetched=$(mktemp -d)
  chmod 755 "$fetched"
  (cd "$fetched" && apt-get -qq download simplesamlphp >&2) || {
    echo "Debian's package simplesamlphp cannot be had: run 'sudo apt-get update', then start again" >&2
    exit 1
  }
  dpkg-deb -x "$fetched"/simplesamlphp_*.deb "$INTEROP_SIMPLESAMLPHP"
  rm -rf "$fetched"
fi

# Keycloak's distribution, kept for the next run. Without Java or Maven, or if it cannot be had, its cases are skipped.
keycloak_version=26.7.3
keycloak="$cache/keycloak/keycloak-$keycloak_version"
if [[ ! -e "$keycloak/bin/kc.sh" ]] && has java && has mvn; then
  mvn -q -B -ntp org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack "-DoutputDirectory=$cache/keycloak" \
    "-Dartifact=org.keycloak:keycloak-quarkus-dist:$keycloak_version:zip" >&2 || rm -rf "$keycloak"
fi
if [[ -e "$keycloak/bin/kc.sh" ]]; then export INTEROP_KEYCLOAK="$keycloak"; fi

# The application in Go; its modules come from the module proxy. Without Go, or if it is too old, its cases are skipped.
if has go; then
  mkdir -p "$cache/go-oidc"
  if (cd interop/go-oidc && go build -mod=readonly -buildvcs=false -o "$cache/go-oidc/application" .) >&2; then
    export INTEROP_GO_OIDC="$cache/go-oidc/application"
  fi
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
