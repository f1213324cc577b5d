#!/usr/bin/env bash
# ./parlor bench [NAME …] [--json FILE] [--rounds N] [--events N] [--fill-seconds N]
#   chat, parked          on a stack of its own, in a temporary directory
#   ledger                one ledger on the in-process bus and on each database, beside a plain C client;
#                         reading with 10 thousand events and with --events (100 thousand), or as many as
#                         are made in --fill-seconds (60) on each database
#   gateway, parked95k    start their own servers; --rounds is for `gateway`
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/deploy/lib/common.sh"
source "$root/deploy/lib/build.sh"

names=() json="" rounds=5 events=100000 fill_seconds=60
while [ $# -gt 0 ]; do
  case "$1" in
    --json) json=${2:?--json needs a file}; shift ;;
    --rounds) rounds=${2:?--rounds needs a number}; shift ;;
    --events) events=${2:?--events needs a number}; shift ;;
    --fill-seconds) fill_seconds=${2:?--fill-seconds needs a number}; shift ;;
    chat | parked | ledger | gateway | parked95k) names+=("$1") ;;
    *) die "no such bench: $1 (there are: chat, parked, ledger, gateway, parked95k)" ;;
  esac
  shift
done
[ ${#names[@]} -gt 0 ] || names=(chat parked)
programs=()
for name in "${names[@]}"; do
  programs+=("parlor-bench-$name")
  case "$name" in gateway | parked95k) programs+=(parlor-bench-{push,limit,host,events}) ;; esac
done
cmd_deps build bench
configure_and_build release "${product_targets[@]}" "${programs[@]}" >&2

scratch=$(mktemp -d)
trap '"$root/parlor" down --data "$scratch/data" || true; rm -rf "$scratch"' EXIT
json_options=()
if [ -n "$json" ]; then
  : >"$json"
  json_options=(--json "$(realpath "$json")")
fi
bin="$root/build/release/bench"
gateway="$root/build/release/gateway/parlor-gateway"

pid() { cat "$scratch/data/run/$1.pid"; }

stack_up() {
  [ -f "$root/widget/dist/widget.js" ] || build_widget
  "$root/parlor" up --no-build --data "$scratch/data" --port "${PARLOR_BENCH_PORT:-28180}" >/dev/null
  source "$scratch/data/run/ports"
}

stack_down() {
  "$root/parlor" down --data "$scratch/data"
  rm -rf "$scratch/data"
}

for name in "${names[@]}"; do
  say "bench $name ($(nproc) cores)"
  case "$name" in
    chat)
      stack_up
      "$bin/parlor-bench-chat" \
        --post-gateway "127.0.0.1:$gateway_1_port" --read-gateway "127.0.0.1:$gateway_2_port" \
        --broker "tcp://127.0.0.1:$broker_port" --password-file "$scratch/data/secrets/alice.password" \
        --process "broker=$(pid broker)" --process "ledger=$(pid ledger)" \
        --process "gateway-1=$(pid gateway-1)" --process "gateway-2=$(pid gateway-2)" "${json_options[@]}"
      stack_down
      ;;
    parked)
      stack_up
      "$bin/parlor-bench-parked" --opener "127.0.0.1:$gateway_1_port" \
        --gateway "127.0.0.1:$gateway_2_port" --process "gateway-2=$(pid gateway-2)" "${json_options[@]}"
      stack_down
      ;;
    ledger)
      "$bin/ledger/parlor-bench-ledger" --events "$events" --fill-seconds "$fill_seconds" "${json_options[@]}"
      ;;
    gateway)
      "$bin/gateway/parlor-bench-gateway" --gateway "$gateway" --rounds "$rounds" "${json_options[@]}"
      ;;
    parked95k)
      "$bin/gateway/parlor-bench-parked95k" --gateway "$gateway" "${json_options[@]}"
      ;;
  esac
done
