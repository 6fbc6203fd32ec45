#!/bin/sh
# A file, a question about it, and an answer with its citations, with nothing but curl.
# COLLOQUY_URL is the server; COLLOQUY_USERNAME and COLLOQUY_PASSWORD an account, which is made where there is none.
set -eu

server="${COLLOQUY_URL:-http://127.0.0.1:4000}"
username="${COLLOQUY_USERNAME:-curl-$$-$(date +%s)}"
password="${COLLOQUY_PASSWORD:-a passphrase for an example}"
path="${1:-examples/README.md}"
question="${2:-Which variables do the examples take?}"

# A text as a JSON string, and the value of a field out of JSON: enough for an example. Programs have better ways.
json() { printf '"%s"' "$(printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g')"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

graphql() {
  curl -sS "$server/graphql" -H 'Content-Type: application/json' ${token:+-H "Authorization: Bearer $token"} \
    -d "{\"query\": $(json "$1"), \"variables\": $2}"
}

credentials="{\"input\": {\"username\": $(json "$username"), \"password\": $(json "$password")}}"
token=''
answer=$(graphql 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }' "$credentials")
case "$answer" in
  *UNAUTHENTICATED*)
    answer=$(graphql 'mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }' "$credentials") ;;
esac
token=$(printf '%s' "$answer" | field accessToken)
if [ -z "$token" ]; then
  printf 'Cannot sign in: %s\n' "$answer" >&2
  exit 1
fi

# The bytes are the body (-T streams them), the name is in the address. A form (-F "file=@$path") does as well.
uploaded=$(curl -sS -X POST -T "$path" -H "Authorization: Bearer $token" \
  "$server/files?name=$(basename "$path" | sed 's/ /%20/g')")
file=$(printf '%s' "$uploaded" | sed -n 's/^{"file":{"id":"\([^"]*\)".*/\1/p')
if [ -z "$file" ]; then
  printf 'Cannot upload: %s\n' "$uploaded" >&2
  exit 1
fi

# fileProgress tells the state now and at every change, and ends with the reading.
progress='subscription ($id: ID!) { fileProgress(id: $id) { file { status progress error } } }'
last=$(curl -sSN "$server/graphql" -H 'Accept: text/event-stream' -H 'Content-Type: application/json' \
  -H "Authorization: Bearer $token" -d "{\"query\": $(json "$progress"), \"variables\": {\"id\": \"$file\"}}" |
  grep '"status"' | tail -n 1)
case "$last" in
  *READY*) ;;
  *)
    printf 'It could not be read: %s\n' "$last" >&2
    exit 1 ;;
esac

if [ -r /proc/sys/kernel/random/uuid ]; then key=$(cat /proc/sys/kernel/random/uuid); else key=$(uuidgen); fi

# wait: answers when the turn has ended. curl.sh shows how to stream instead.
ask='mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { assistantMessage {
  content citations { index passage { fileName page start end } } error { message }
} } }'
input="{\"input\": {\"turnKey\": \"$key\", \"text\": $(json "$question"), \"retrieval\": {\"fileIds\": [\"$file\"]}}}"
graphql "$(printf '%s' "$ask" | tr '\n' ' ')" "$input"
printf '\n'
