#!/bin/sh
# A conversation with nothing but curl: an account, a conversation, and an answer as it is written.
# COLLOQUY_URL is the server; COLLOQUY_USERNAME and COLLOQUY_PASSWORD an account, which is made where there is none.
set -eu

url="${COLLOQUY_URL:-http://127.0.0.1:4000}/graphql"
username="${COLLOQUY_USERNAME:-curl-$$-$(date +%s)}"
password="${COLLOQUY_PASSWORD:-a passphrase for an example}"
prompt="${1:-What can you do?}"

# A text as a JSON string, and the value of a field out of JSON: enough for an example. Programs have better ways.
json() { printf '"%s"' "$(printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g')"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

# GraphQL is a POST of {"query", "variables"}, whatever the operation is.
graphql() {
  curl -sS "$url" -H 'Content-Type: application/json' ${token:+-H "Authorization: Bearer $token"} \
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

conversation=$(graphql 'mutation ($input: CreateConversationInput!) { createConversation(input: $input) { id } }' \
  '{"input": {"title": "From curl"}}' | field id)

# The key makes the prompt safe to send again: the same key joins the answer that is being made and starts no second one.
if [ -r /proc/sys/kernel/random/uuid ]; then key=$(cat /proc/sys/kernel/random/uuid); else key=$(uuidgen); fi

# A subscription streams when the client accepts text/event-stream. Each event has a cursor: after a broken connection,
# subscription { turn(id: …, after: <the last cursor>) } gives exactly the rest.
subscription='subscription ($input: ChatInput!) {
  chat(input: $input) {
    __typename
    ... on TurnDelta { text }
    ... on TurnFailed { error { message } }
  }
}'
input="{\"input\": {\"turnKey\": \"$key\", \"conversationId\": \"$conversation\", \"text\": $(json "$prompt")}}"

# -N: curl hands on each event when it comes, instead of waiting for more.
curl -sSN "$url" -H 'Accept: text/event-stream' -H 'Content-Type: application/json' -H "Authorization: Bearer $token" \
  -d "{\"query\": $(json "$(printf '%s' "$subscription" | tr '\n' ' ')"), \"variables\": $input}" |
  while IFS= read -r line; do
    case "$line" in
      # The text is JSON: \" is a quote, and printf's %b understands \n and \\.
      data:*TurnDelta*) printf '%b' "$(printf '%s' "$line" | sed 's/.*"text":"\(.*\)"[,}].*/\1/; s/\\"/"/g')" ;;
      data:*TurnFinished*) printf '\n' ;;
      data:*TurnFailed* | data:*'"errors"'*) printf '\n%s\n' "$line" >&2 ;;
    esac
  done
