#!/usr/bin/env bash
# Measures Symbolon on this machine: time to ready, idle memory, sign-ins per second; first on
# SQLite, then on a throwaway PostgreSQL. Everything runs on 127.0.0.1 and is gone afterwards.
# Usage: broker/loadtest/run.sh [sqlite] [postgres]
# SECONDS_EACH (20), WORKERS (8), PORT_BASE (18480: broker, provider, PostgreSQL) may be set.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${SECONDS_EACH:-20} workers=${WORKERS:-8} base=${PORT_BASE:-18480}
broker="http://127.0.0.1:$base" provider="http://127.0.0.1:$((base + 1))"
issuer="$broker/t/load" callback="http://127.0.0.1:9/callback"
bin=${CARGO_TARGET_DIR:-target}/release
scratch=$(mktemp -d) pids=() postgres_data=
mkdir -p artefacts

clean_up() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
  [[ -z $postgres_data ]] || as_postgres "$pg/pg_ctl" -D "$postgres_data" -m immediate -w stop >/dev/null || true
  rm -rf "$scratch"
}
trap clean_up EXIT

as_postgres() { if [[ $(id -u) -eq 0 ]]; then runuser -u postgres -- "$@"; else "$@"; fi; }

start_postgres() {
  # A link in PATH may lead to one program only; its neighbours are where it points.
  pg=$(dirname "$(readlink -f "$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -1)")")
  chmod 755 "$scratch"
  local home="$scratch/cluster"
  mkdir "$home" && head -c 24 /dev/urandom | base64 | tr -d '/+=\n' >"$home/password"
  [[ $(id -u) -ne 0 ]] || chown -R postgres "$home"
  as_postgres "$pg/initdb" -D "$home/data" -U symbolon -A password --pwfile="$home/password" -E UTF8 --no-locale >/dev/null
  as_postgres "$pg/pg_ctl" -D "$home/data" -l "$home/log" -w -o "-h 127.0.0.1 -p $((base + 2)) -k $home" start >/dev/null
  postgres_data="$home/data"
  PGPASSWORD=$(cat "$home/password") "$pg/createdb" -h 127.0.0.1 -p "$((base + 2))" -U symbolon symbolon
  database="postgres://symbolon:$(cat "$home/password")@127.0.0.1:$((base + 2))/symbolon"
}

# Whether the broker answers this path with 200.
answers() {
  { exec 3<>"/dev/tcp/127.0.0.1/$base"; } 2>/dev/null || return 1
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$1" "$base" >&3
  local status; IFS= read -r status <&3 || status=
  exec 3>&-
  [[ $status == *" 200 "* ]]
}

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
[outgoing]
allow_private = ["127.0.0.0/8"]
TOML
}

symbolon() { "$bin/symbolon" --config "$folder/symbolon.toml" "$@"; }

set_up() {
  local serves=(--with-provider "$((base + 1))" --provider-redirect-uri "$issuer/callback/upstream" --provider-secret-file "$folder/upstream.secret")
  symbolon migrate >/dev/null
  symbolon tenant create load --display-name "Load" >/dev/null
  # Some commands may want to see the provider; it ends with its standard input.
  mkfifo "$folder/hold"
  "$bin/symbolon-loadtest" "${serves[@]}" --only-provider --issuer "$provider" --client-id none --redirect-uri "$callback" <"$folder/hold" &
  exec 4>"$folder/hold"
  symbolon connector create load upstream --kind oidc --issuer "$provider" --client-id broker \
    --client-secret-file "$folder/upstream.secret" --auto-provision --trust-email --scopes "openid profile email" --mode on >/dev/null
  symbolon application create load judge --redirect-uri "$callback" --secret-out "$folder/application.secret" >/dev/null
  exec 4>&-
  wait $!
}

measure() {
  local name=$1 start ready pid
  echo "== $name"
  configure "$name" "$2"
  set_up
  start=$(date +%s%N)
  "$bin/symbolon" --config "$folder/symbolon.toml" serve >"$folder/serve.log" 2>&1 &
  pid=$!
  pids+=("$pid")
  until answers /readyz; do
    kill -0 "$pid" 2>/dev/null || { tail -5 "$folder/serve.log" >&2; exit 1; }
  done
  ready=$(date +%s%N)
  echo "from start to ready: $(((ready - start) / 1000000)) ms"
  awk '/^VmRSS/ { printf "resident memory, idle: %.0f MiB\n", $2 / 1024 }' "/proc/$pid/status"
  local load=("$bin/symbolon-loadtest" --issuer "$issuer" --client-id judge --client-secret-file "$folder/application.secret"
    --redirect-uri "$callback" --with-provider "$((base + 1))" --provider-redirect-uri "$issuer/callback/upstream"
    --provider-secret-file "$folder/upstream.secret" --watch "$pid" --workers "$workers" --seconds "$seconds")
  "${load[@]}" --json-file "artefacts/loadtest-$name.json" || failed=1
  kill "$pid" && wait "$pid" 2>/dev/null || true
  pids=()
}

failed=0
[[ $# -gt 0 ]] || set -- sqlite postgres
cargo build -q --release -p symbolon-server --bin symbolon -p symbolon-loadtest --bin symbolon-loadtest
for kind in "$@"; do
  case $kind in
    sqlite) measure sqlite "sqlite:$scratch/symbolon.sqlite" ;;
    postgres) start_postgres && measure postgres "$database" ;;
    *) echo "sqlite or postgres, not $kind" >&2; exit 2 ;;
  esac
done
exit "$failed"
