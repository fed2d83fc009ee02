#!/usr/bin/env bash
# Measures the token endpoint on SQLite: renewals and tokens of applications themselves, per second, the share of the
# broker's processor time that is signature, and whether many tenants cost more than few. Everything runs on
# 127.0.0.1 and is gone afterwards.
# Usage: broker/loadtest/tokens.sh [MANY] (1000: how many tenants are compared with ten)
# SECONDS_EACH (10), WORKERS (8), PORT_BASE (18480) may be set.
SECONDS_EACH=${SECONDS_EACH:-10}
source "$(dirname "$0")/parts.sh"
trap 'end_all; rm -rf "$scratch"' EXIT
many=${1:-1000}

# add_service_tenant NUMBER: no sign-in, an application that asks in its own name, signed by ES256.
add_service_tenant() {
  symbolon tenant create "load$1" --display-name "load$1" >/dev/null
  symbolon application create "load$1" judge --grant client-credentials --service-scope reports --access-token-format jwt \
    --id-token-algorithm es256 --secret-out "$folder/load$1.secret" >/dev/null
}

# tokens NAME OPERATION SIGNATURE ARGUMENT..
tokens() {
  local name=$1 operation=$2 signature=$3
  shift 3
  echo "== $name"
  "$bin/symbolon-loadtest" --operation "$operation" --signature "$signature" --redirect-uri "$callback" \
    --watch "$broker_pid" --workers "$workers" --seconds "$seconds" --json-file "artefacts/loadtest-$name.json" "$@" || failed=1
}

build
configure tokens "sqlite:$scratch/tokens.sqlite"
echo "$((many)) tenants are made" >&2
seq 1 "$many" | { while read -r number; do add_service_tenant "$number" & [[ $((number % 4)) -ne 0 ]] || wait; done; wait; }
add_tenant person "$((base + 1))"
for algorithm in es256 rs256; do
  symbolon application create person "judge-$algorithm" --redirect-uri "$callback" --grant refresh-token --access-token-format jwt \
    --grant client-credentials --service-scope reports --id-token-algorithm "$algorithm" --secret-out "$folder/$algorithm.secret" >/dev/null
done
serve
stay person "$((base + 1))"
for algorithm in es256 rs256; do
  own=(--issuer "$broker/t/person" --client-secret-file "$folder/$algorithm.secret" --client-id "judge-$algorithm")
  tokens "client-credentials-$algorithm" client-credentials "$algorithm" --scope reports "${own[@]}"
  tokens "refresh-$algorithm" refresh "$algorithm" --scope "openid offline_access" "${own[@]}"
done
for tenants in 10 "$many" 10 "$many"; do
  tokens "tenants-$tenants" client-credentials es256 --scope reports --issuer "$broker/t/load{}" --tenants "$tenants" \
    --client-id judge --client-secret-file "$folder/load{}.secret"
done
exit "$failed"
