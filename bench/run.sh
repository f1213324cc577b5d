#!/usr/bin/env bash
# ./parlor bench [NAME …] [--json FILE] [--rounds N] [--events N]
#   chat, parked          on a stack of its own, in a temporary directory; chat on SQLite, then on
#                         PostgreSQL
#   ledger                one ledger on the in-process bus and on each database, beside a plain C client;
#                         reading with 10 thousand events and with --events (100 thousand)
#   gateway, parked95k    start their own servers; --rounds is for `gateway`
# Exit code 1 where something could not be measured, a message was lost, or, of parked95k, not all polls were
# parked at once or took 1 GiB or more.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/deploy/lib/common.sh"
source "$root/deploy/lib/build.sh"

names=() json="" rounds=5 events=100000
while [ $# -gt 0 ]; do
  case "$1" in
    --json) json=${2:?--json needs a file}; shift ;;
    --rounds) rounds=${2:?--rounds needs a number}; shift ;;
    --events) events=${2:?--events needs a number}; shift ;;
    chat | parked | ledger | gateway | parked95k) names+=("$1") ;;
    *) die "no such bench: $1 (there are: chat, parked, ledger, gateway, parked95k)" ;;
  esac
  shift
done
[ ${#names[@]} -gt 0 ] || names=(chat parked)
programs=()
for name in "${names[@]}"; do
  programs+=("parlor-bench-$name")
  [ "$name" != chat ] || programs+=(parlor-bench-database)
  case "$name" in gateway | parked95k) programs+=(parlor-bench-{push,limit,host,events}) ;; esac
done
cmd_deps build bench
configure_and_build release "${product_targets[@]}" "${programs[@]}" >&2

scratch=$(mktemp -d)
database_pid=""
trap '"$root/parlor" down --data "$scratch/data" || true; rm -rf "$scratch"; [ -z "$database_pid" ] || kill "$database_pid" 2>/dev/null || true' EXIT
json_options=()
if [ -n "$json" ]; then
  : >"$json"
  json_options=(--json "$(realpath "$json")")
fi
bin="$root/build/release/bench"
gateway="$root/build/release/gateway/parlor-gateway"

pid() { cat "$scratch/data/run/$1.pid"; }

stack_up() { # [OPTIONS of up …]
  [ -f "$root/widget/dist/widget.js" ] || build_widget
  "$root/parlor" up --no-build --data "$scratch/data" --port "${PARLOR_BENCH_PORT:-28180}" "$@" >/dev/null
  source "$scratch/data/run/ports"
}

stack_down() {
  "$root/parlor" down --data "$scratch/data"
  rm -rf "$scratch/data"
}

# chat [OPTIONS of parlor-bench-chat …]
chat() {
  "$bin/parlor-bench-chat" \
    --post-gateway "127.0.0.1:$gateway_1_port" --read-gateway "127.0.0.1:$gateway_2_port" \
    --broker "tcp://127.0.0.1:$broker_port" --password-file "$scratch/data/secrets/alice.password" \
    --process "broker=$(pid broker)" --process "ledger=$(pid ledger)" \
    --process "gateway-1=$(pid gateway-1)" --process "gateway-2=$(pid gateway-2)" "${json_options[@]}" "$@"
}

for name in "${names[@]}"; do
  say "bench $name ($(nproc) cores)"
  case "$name" in
    chat)
      stack_up
      chat
      stack_down
      coproc database { exec "$bin/ledger/parlor-bench-database" postgresql; }
      database_pid=$database_PID  # the shell forgets its own when the process ends
      read -r database_url <&"${database[0]}" || die "PostgreSQL does not start"
      (umask 077 && printf '%s\n' "$database_url" >"$scratch/database.url")
      stack_up --database-file "$scratch/database.url"
      chat --suffix _postgresql --process "database=$database_pid"
      stack_down
      kill "$database_pid"
      ;;
    parked)
      stack_up
      "$bin/parlor-bench-parked" --opener "127.0.0.1:$gateway_1_port" \
        --gateway "127.0.0.1:$gateway_2_port" --process "gateway-2=$(pid gateway-2)" "${json_options[@]}"
      stack_down
      ;;
    ledger)
      "$bin/ledger/parlor-bench-ledger" --events "$events" "${json_options[@]}"
      ;;
    gateway)
      "$bin/gateway/parlor-bench-gateway" --gateway "$gateway" --rounds "$rounds" "${json_options[@]}"
      ;;
    parked95k)
      "$bin/gateway/parlor-bench-parked95k" --gateway "$gateway" "${json_options[@]}"
      ;;
  esac
done
