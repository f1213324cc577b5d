# Fuzzing what strangers can send to the gateway: tests/gateway/fuzz.

fuzz_build="$root/build/asan"
fuzz_targets=(requests sockets tokens)

# fuzz_target TARGET SECONDS: from its corpus, what earlier runs came to, and what they found, which
# therefore fails until it is put right. What is found stays in build/asan/found, and is printed, because
# a machine that only tests is thrown away.
fuzz_target() {
  local target=$1 seconds=$2 status=0 input
  local corpus="$root/tests/gateway/fuzz/corpus/$target"
  local new="$fuzz_build/new/$target" found="$fuzz_build/found/$target" log="$fuzz_build/$target.log"
  mkdir -p "$new" "$found"
  timeout $((seconds + 300)) "$fuzz_build/tests/gateway/fuzz/gateway_${target}_fuzz" \
    -max_total_time="$seconds" -max_len=16384 -timeout=30 -rss_limit_mb=2048 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="$found/" "$new" "$corpus" "$found" >"$log" 2>&1 || status=$?
  if [ "$status" = 0 ]; then
    echo "fuzz $target: clean, $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s"
    return 0
  fi
  tail -n 60 "$log"
  echo "fuzz $target: FAILED with exit code $status"
  for input in "$found"/*; do
    [ -f "$input" ] || continue
    echo "fuzz $target: $input, in base64:"
    base64 "$input"
  done
  return 1
}

# run_fuzz SECONDS [TARGET …]: so long each.
run_fuzz() {
  local seconds=$1 target clean=0 failed=0
  shift
  [ $# -gt 0 ] || set -- "${fuzz_targets[@]}"
  configure_and_build asan gateway_fuzz || return 1
  for target in "$@"; do
    if fuzz_target "$target" "$seconds"; then clean=$((clean + 1)); else failed=$((failed + 1)); fi
  done
  echo "fuzz: $clean clean, $failed failed"
  [ "$failed" = 0 ]
}

cmd_fuzz() {
  local seconds=60 targets=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --seconds)
        [[ ${2:-} =~ ^[1-9][0-9]{0,5}$ ]] || die "--seconds needs a number"
        seconds=$2
        shift
        ;;
      *)
        [[ " ${fuzz_targets[*]} " == *" $1 "* ]] || die "no such target: $1 (there are: ${fuzz_targets[*]})"
        targets+=("$1")
        ;;
    esac
    shift
  done
  cmd_deps build fuzz
  run_fuzz "$seconds" "${targets[@]}"
}
