#!/usr/bin/env bash
# Measures Symbolon on this machine: time to ready, idle memory, sign-ins per second; first on
# SQLite, then on a throwaway PostgreSQL; with `saml`, through a SAML connector on SQLite. Everything runs
# on 127.0.0.1 and is gone afterwards.
# Usage: broker/loadtest/run.sh [sqlite] [postgres] [saml]
# SECONDS_EACH (20), WORKERS (8), PORT_BASE (18480: broker, provider, PostgreSQL) may be set.
source "$(dirname "$0")/parts.sh"
postgres_data=

clean_up() {
  end_all
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

# measure NAME DATABASE [saml]
measure() {
  local name=$1 start ready
  echo "== $name"
  configure "$name" "$2"
  "add_${3:+saml_}tenant" load "$((base + 1))"
  start=$(date +%s%N)
  serve
  ready=$(date +%s%N)
  echo "from start to ready: $(((ready - start) / 1000000)) ms"
  awk '/^VmRSS/ { printf "resident memory, idle: %.0f MiB\n", $2 / 1024 }' "/proc/$broker_pid/status"
  local figures=(--watch "$broker_pid" --workers "$workers" --seconds "$seconds" --json-file "artefacts/loadtest-$name.json")
  if [[ -n ${3:-} ]]; then people load "${figures[@]}"; else load load "$((base + 1))" "${figures[@]}"; fi || failed=1
  end_all
}

[[ $# -gt 0 ]] || set -- sqlite postgres
build
for kind in "$@"; do
  case $kind in
    sqlite) measure sqlite "sqlite:$scratch/symbolon.sqlite" ;;
    postgres) start_postgres && measure postgres "$database" ;;
    saml) measure saml "sqlite:$scratch/saml.sqlite" saml ;;
    *) echo "sqlite, postgres or saml, not $kind" >&2; exit 2 ;;
  esac
done
exit "$failed"
