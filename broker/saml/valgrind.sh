#!/usr/bin/env bash
# Shows that the native calls lose no memory that grows per request: broker/saml/valgrind.sh [FEW] [MANY].
# The same loop runs twice under valgrind, with few and with many rounds. "Definitely" and "indirectly" lost bytes must
# be equal, and there must be no invalid read or write.
set -euo pipefail
cd "$(dirname "$0")"
few=${1:-4}
many=${2:-16}
command -v valgrind > /dev/null || { echo "valgrind is not installed" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=valgrind -days 1 \
  -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2> /dev/null
loop=$(cargo build -q --release --example native_loop --message-format=json |
  sed -n 's/.*"executable":"\([^"]*native_loop\)".*/\1/p')
lost() {
  local log=$folder/$1.log
  valgrind --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=none \
    --log-file="$log" "$loop" "$folder/key.pem" "$folder/certificate.pem" "$1" || { cat "$log" >&2; exit 1; }
  if grep -q 'All heap blocks were freed' "$log"; then echo 0 0; return; fi
  sed -n 's/.*\(definitely\|indirectly\) lost: \([0-9,]*\) bytes.*/\2/p' "$log" | tr -d , | tr '\n' ' '
}
first=$(lost "$few")
second=$(lost "$many")
echo "lost (definitely, indirectly) after $few rounds: $first bytes; after $many rounds: $second bytes"
[[ "$first" == "$second" ]] || { echo "the loss grows with the rounds" >&2; exit 1; }
