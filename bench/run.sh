#!/usr/bin/env bash
# ./parlor bench [chat|parked …] [--json FILE]: on a stack of its own, in a temporary directory.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/deploy/lib/common.sh"
source "$root/deploy/lib/build.sh"

names=() json=""
while [ $# -gt 0 ]; do
  case "$1" in
    --json) json=${2:?--json needs a file}; shift ;;
    chat | parked) names+=("$1") ;;
    *) die "no such bench: $1 (there are: chat, parked)" ;;
  esac
  shift
done
[ ${#names[@]} -gt 0 ] || names=(chat parked)
cmd_deps build bench
configure_and_build release "${product_targets[@]}" parlor-bench-chat parlor-bench-parked >&2
build_widget

scratch=$(mktemp -d)
trap '"$root/parlor" down --data "$scratch/data" || true; rm -rf "$scratch"' EXIT
json_options=()
if [ -n "$json" ]; then
  : >"$json"
  json_options=(--json "$(realpath "$json")")
fi

for name in "${names[@]}"; do
  "$root/parlor" up --no-build --data "$scratch/data" --port "${PARLOR_BENCH_PORT:-28180}" >/dev/null
  source "$scratch/data/run/ports"
  pid() { cat "$scratch/data/run/$1.pid"; }
  say "bench $name ($(nproc) cores)"
  case "$name" in
    chat)
      "$root/build/release/bench/parlor-bench-chat" \
        --post-gateway "127.0.0.1:$gateway_1_port" --read-gateway "127.0.0.1:$gateway_2_port" \
        --broker "tcp://127.0.0.1:$broker_port" --password-file "$scratch/data/secrets/alice.password" \
        --process "broker=$(pid broker)" --process "ledger=$(pid ledger)" \
        --process "gateway-1=$(pid gateway-1)" --process "gateway-2=$(pid gateway-2)" "${json_options[@]}"
      ;;
    parked)
      "$root/build/release/bench/parlor-bench-parked" --opener "127.0.0.1:$gateway_1_port" \
        --gateway "127.0.0.1:$gateway_2_port" --process "gateway-2=$(pid gateway-2)" "${json_options[@]}"
      ;;
  esac
  "$root/parlor" down --data "$scratch/data"
  rm -rf "$scratch/data"
done
