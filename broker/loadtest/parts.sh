# What the measurements share; run.sh and plugins.sh read it. Everything runs on 127.0.0.1 and is gone afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${SECONDS_EACH:-20} workers=${WORKERS:-8} base=${PORT_BASE:-18480}
broker="http://127.0.0.1:$base" callback="http://127.0.0.1:9/callback"
bin=${BIN:-${CARGO_TARGET_DIR:-target}/release} # BIN: a folder with the programs, nothing is built then
scratch=$(mktemp -d) pids=() failed=0
mkdir -p artefacts

end_all() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
  pids=()
}

build() {
  [[ -n ${BIN:-} ]] || cargo build -q --release -p symbolon-server --bin symbolon -p symbolon-loadtest --bin symbolon-loadtest \
    -p symbolon-testkit --bin fake_saml_idp
}

# Whether the broker answers this path with 200.
answers() {
  { exec 3<>"/dev/tcp/127.0.0.1/$base"; } 2>/dev/null || return 1
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$1" "$base" >&3
  local status; IFS= read -r status <&3 || status=
  exec 3>&-
  [[ $status == *" 200 "* ]]
}

# configure NAME DATABASE: a folder with a configuration, and a database that is up to date.
configure() {
  folder="$scratch/$1"
  mkdir "$folder"
  (umask 077; head -c 32 /dev/urandom | base64 >"$folder/master.key"; head -c 24 /dev/urandom | base64 >"$folder/upstream.secret")
  cat >"$folder/symbolon.toml" <<TOML
[http]
listen = "127.0.0.1:$base"
public_url = "$broker"
[database]
url = "$2"
[secrets]
active = "k1"
[secrets.keys]
k1_file = "$folder/master.key"
[plugins]
cache_folder = "$folder/plugins"
[outgoing]
allow_private = ["127.0.0.0/8"]
[rate_limits]
enabled = false
TOML
  symbolon migrate >/dev/null
}

symbolon() { "$bin/symbolon" --config "$folder/symbolon.toml" "$@"; }

# driver TENANT PROVIDER_PORT ..: the load driver with a provider of its own. The second tenant's port is another.
driver() {
  local tenant=$1 port=$2
  shift 2
  ${run:-} "$bin/symbolon-loadtest" --with-provider "$port" --provider-redirect-uri "$broker/t/$tenant/callback/upstream" \
    --provider-secret-file "$folder/upstream.secret" --redirect-uri "$callback" "$@"
}

# add_tenant TENANT PROVIDER_PORT
add_tenant() {
  local tenant=$1 provider="http://127.0.0.1:$2"
  symbolon tenant create "$tenant" --display-name "$tenant" >/dev/null
  # Some commands may want to see the provider; it ends with its standard input.
  mkfifo "$folder/hold-$tenant"
  driver "$tenant" "$2" --only-provider --issuer "$provider" --client-id none <"$folder/hold-$tenant" &
  local pid=$!
  exec 4>"$folder/hold-$tenant"
  symbolon connector create "$tenant" upstream --kind oidc --issuer "$provider" --client-id broker \
    --client-secret-file "$folder/upstream.secret" --auto-provision --trust-email --scopes "openid profile email" --mode on --untested >/dev/null
  symbolon application create "$tenant" judge --redirect-uri "$callback" --secret-out "$folder/$tenant.secret" >/dev/null
  exec 4>&-
  wait "$pid"
}

# add_saml_tenant TENANT PROVIDER_PORT: with a SAML identity provider that lasts until the end.
add_saml_tenant() {
  local tenant=$1 entity="$broker/t/$1/saml/upstream"
  symbolon tenant create "$tenant" --display-name "$tenant" >/dev/null
  # It reads from a pipe that nothing is written to, and is ended by its process id. Its first line says that
  # it serves; the metadata are written by then.
  mkfifo "$folder/stay-$tenant" "$folder/ready-$tenant"
  exec {hold}<>"$folder/stay-$tenant"
  "$bin/fake_saml_idp" --port "$2" --people 100 --automatic --sp "$entity/metadata" "$entity/acs" \
    --metadata "$folder/$tenant-idp.xml" <&"$hold" >"$folder/ready-$tenant" &
  pids+=("$!")
  read -r <"$folder/ready-$tenant"
  symbolon connector create "$tenant" upstream --kind saml --metadata-file "$folder/$tenant-idp.xml" \
    --auto-provision --mode on --untested >/dev/null
  symbolon application create "$tenant" judge --redirect-uri "$callback" --secret-out "$folder/$tenant.secret" >/dev/null
}

# serve: the broker, until it answers. Its process id is in broker_pid.
serve() {
  "$bin/symbolon" --config "$folder/symbolon.toml" serve >"$folder/serve.log" 2>&1 &
  broker_pid=$!
  pids+=("$broker_pid")
  until answers /readyz; do
    kill -0 "$broker_pid" 2>/dev/null || { tail -5 "$folder/serve.log" >&2; exit 1; }
  done
}

# load TENANT PROVIDER_PORT ..: signs people in, with a provider that lasts as long.
load() {
  local tenant=$1 port=$2
  shift 2
  driver "$tenant" "$port" --issuer "$broker/t/$tenant" --client-id judge --client-secret-file "$folder/$tenant.secret" "$@"
}

# stay TENANT PROVIDER_PORT ..: a provider until the end. A new one would have a new key, which the broker
# does not ask for again and again.
stay() {
  local tenant=$1 port=$2
  shift 2
  # It reads from a pipe that nothing is written to, and is ended by its process id.
  mkfifo "$folder/stay-$tenant"
  exec {hold}<>"$folder/stay-$tenant"
  # `exec`: the process id is the program's, not that of a shell around it.
  run=exec driver "$tenant" "$port" --only-provider --issuer "http://127.0.0.1:$port" --client-id none "$@" <&"$hold" &
  pids+=("$!")
}

# people TENANT ..: signs people in, where the provider is there already.
people() {
  local tenant=$1
  shift
  "$bin/symbolon-loadtest" --issuer "$broker/t/$tenant" --client-id judge --client-secret-file "$folder/$tenant.secret" \
    --redirect-uri "$callback" "$@"
}
