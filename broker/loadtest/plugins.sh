#!/usr/bin/env bash
# Measures what mapping plugins mean for whole sign-ins, on SQLite:
#   share      processor time of a sign-in, with recording off, redacted and full, and of the plugin call in it
#   isolation  sign-ins of one tenant while another rests, signs in too, and signs in through a hostile plugin
#   replay     how long 10,000 recorded sign-ins take with two versions of the rules
# Usage: broker/loadtest/plugins.sh [share] [isolation] [replay]
# SECONDS_EACH (20), WORKERS (8), ROUNDS (5), RECORDED (10000), PORT_BASE (18480 and the next three) may be set.
source "$(dirname "$0")/parts.sh"
trap 'end_all; rm -rf "$scratch"' EXIT
one=$((base + 1)) two=$((base + 2)) three=$((base + 3))

rules() {
  cat >"$folder/rules.json" <<JSON
{
  "attributes": [
    { "from": "email", "to": "email" }, { "from": "name", "to": "display_name" },
    { "from": "preferred_username", "to": "username" }, { "from": "department", "to": "metadata.department" },
    { "expression": "claims.department.lowerAscii()", "to": "metadata.unit" }
  ],
  "sync_fields": ["*"],
  "assign_role_by_group": true,
  "group_roles": [{ "group": "Wiki Admins", "role": "$1" }, { "when": "claims.department == 'Load'", "role": "viewer" }],
  "deny": [{ "when": "claims.department == 'Contractors'", "code": "contractor", "message": "No contractors." }]
}
JSON
}

# number KEY FILE: a number of a report.
number() { sed -n "s/^ *\"$1\": \([0-9.]*\),\{0,1\}$/\1/p" "$2"; }

share() {
  echo "== share"
  configure share "sqlite:$scratch/share.sqlite"
  add_tenant load "$one"
  rules admin
  symbolon mapping set load upstream --rules "$folder/rules.json" >/dev/null
  for keep in off redacted full; do
    symbolon recorded settings load --keep "$keep" --days 7 >/dev/null
    serve
    echo "-- recording $keep"
    load load "$one" --watch "$broker_pid" --workers "$workers" --seconds "$seconds" --json-file "artefacts/share-$keep.json" || failed=1
    end_all
  done
  cat >"$folder/login.json" <<'JSON'
{ "claims": { "email": "user1@load.example", "email_verified": true, "name": "User 1", "department": "Load",
  "preferred_username": "user1", "groups": ["Wiki Admins", "Everybody"] }, "groups": ["Wiki Admins", "Everybody"] }
JSON
  echo "-- the plugin call alone"
  symbolon plugin bench plugins/dist/default-mapper.wasm --rules "$folder/rules.json" --login "$folder/login.json" || failed=1
}

# What the hostile plugin does, by subject; people in between keep it from being stopped after twenty failures.
behaviours() {
  local number=0 name
  for name in loop memory memory-fill recurse trap huge-output flood-of-roles many-roles control-characters \
    reserved-field long-value unknown-role tenant-name failure; do
    printf '%s,friend-%d,' "$name" "$((number += 1))"
  done
}

isolation() {
  echo "== isolation"
  configure isolation "sqlite:$scratch/isolation.sqlite"
  add_tenant load "$one"
  add_tenant friendly "$two"
  add_tenant hostile "$three"
  rules admin
  symbolon mapping set load upstream --rules "$folder/rules.json" >/dev/null
  symbolon mapping set friendly upstream --rules "$folder/rules.json" >/dev/null
  echo '{}' >"$folder/none.json"
  symbolon mapping set hostile upstream --rules "$folder/none.json" --plugin plugins/dist/misbehaving.wasm >/dev/null
  local subjects round kind second report
  subjects=$(behaviours)
  stay load "$one"
  stay friendly "$two" --users 28 --subjects "${subjects%,}"
  stay hostile "$three" --users 28 --subjects "${subjects%,}"
  serve
  # Compiles both plugins.
  people load --workers 1 --warm-up 0 --seconds 3600 --sign-ins 4 >/dev/null
  second_tenant hostile 1 >/dev/null || true
  for ((round = 1; round <= ${ROUNDS:-5}; round++)); do
    for kind in alone friendly hostile; do
      second=
      if [[ $kind != alone ]]; then
        second_tenant "$kind" "$((seconds + 3))" >"$folder/second-$kind.log" &
        second=$!
      fi
      report="artefacts/isolation-$kind-$round.json"
      people load --workers 2 --warm-up 1 --seconds "$seconds" --json-file "$report" >/dev/null || failed=1
      [[ -z $second ]] || wait "$second" || true
      echo "round $round, other tenant $kind: p50 $(number p50_ms "$report") ms, p99 $(number p99_ms "$report") ms," \
        "$(number sign_ins_per_second "$report") sign-ins/s"
    done
  done
  end_all
  for kind in friendly hostile; do
    echo "-- the $kind tenant's own sign-ins"
    sed -n '1p;/^errors/,$p' "$folder/second-$kind.log"
  done
}

# second_tenant TENANT SECONDS
second_tenant() {
  people "$1" --workers 2 --users 28 --warm-up 0 --seconds "$2"
}

replay() {
  local most=${RECORDED:-10000}
  echo "== replay"
  configure replay "sqlite:$scratch/replay.sqlite"
  add_tenant load "$one"
  rules admin
  symbolon mapping set load upstream --rules "$folder/rules.json" >/dev/null
  symbolon recorded settings load --keep full --days 7 --most "$most" >/dev/null
  serve
  load load "$one" --workers "$workers" --warm-up 0 --seconds 3600 --sign-ins "$most" || failed=1
  end_all
  # Version 1 came with the connector, 2 is active.
  rules viewer
  symbolon mapping save load --connector upstream --rules "$folder/rules.json" >/dev/null
  time symbolon mapping replay load 3 --connector upstream --most "$most" >"$folder/replay.txt"
  head -5 "$folder/replay.txt"
}

[[ $# -gt 0 ]] || set -- share isolation replay
build
for kind in "$@"; do
  case $kind in
    share | isolation | replay) "$kind" ;;
    *) echo "share, isolation or replay, not $kind" >&2; exit 2 ;;
  esac
done
exit "$failed"
