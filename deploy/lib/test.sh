# Every test there is. A step that fails does not stop the rest; the exit code tells.

passed=0 failed=0 skipped=0 logs=""
# Run under AddressSanitizer and UndefinedBehaviorSanitizer every time; `--sanitizers` runs the rest.
sanitized_tests=(proto_test bus_unit_test bus_test gateway_core_test ledger_test ledger_requests_test)

# step NAME COMMAND …: runs it, shows its output, takes its counts from the runner's closing lines.
# The shell does not stop at an error in there: a command of several parts joins them with &&.
step() {
  local name=$1 log status=0 ok=0 bad=0 left=0
  shift
  log="$logs/$name.log"
  say "== $name"
  "$@" 2>&1 | tee "$log" || status=$?
  case "$name" in
    # CTest: "98% tests passed, 2 tests failed out of 113"
    ctest*)
      bad=$(sed -nE 's/.* ([0-9]+) tests? failed out of ([0-9]+).*/\1/p' "$log" | tail -1)
      ok=$(sed -nE 's/.* ([0-9]+) tests? failed out of ([0-9]+).*/\2/p' "$log" | tail -1)
      # It counts as passed what was skipped, and lists it: "	614 - SickTest.Full (Skipped)".
      left=$(grep -cE '^\s+[0-9]+ - .*\(Skipped\)$' "$log" || true)
      ok=$((${ok:-0} - ${bad:-0} - left))
      ;;
    # node --test: "# pass 7" (spec reporter: "ℹ pass 7")
    browser | e2e | api)
      ok=$(sed -nE 's/^(#|ℹ) pass ([0-9]+)$/\2/p' "$log" | tail -1)
      bad=$(sed -nE 's/^(#|ℹ) fail ([0-9]+)$/\2/p' "$log" | tail -1)
      ;;
    # Vitest: " Tests  2 failed | 40 passed (42)"
    widget)
      ok=$(sed -E 's/\x1b\[[0-9;]*m//g' "$log" | sed -nE 's/^ *Tests .* ([0-9]+) passed.*/\1/p' | tail -1)
      bad=$(sed -E 's/\x1b\[[0-9;]*m//g' "$log" | sed -nE 's/^ *Tests .* ([0-9]+) failed.*/\1/p' | tail -1)
      ;;
    # "fuzz: 2 clean, 1 failed"
    fuzz)
      ok=$(sed -nE 's/^fuzz: ([0-9]+) clean, ([0-9]+) failed$/\1/p' "$log" | tail -1)
      bad=$(sed -nE 's/^fuzz: ([0-9]+) clean, ([0-9]+) failed$/\2/p' "$log" | tail -1)
      ;;
    *) ok=1 ;;
  esac
  ok=${ok:-0} bad=${bad:-0}
  # A runner that failed without a count, or that ran nothing, is a failure of its own.
  [ "$status" = 0 ] || [ "$bad" != 0 ] || { bad=1 ok=$((ok > 0 && ok == 1 ? 0 : ok)); }
  [ "$status" != 0 ] || [ $((ok + bad)) != 0 ] || bad=1
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + left))
  say "== $name: $ok passed, $bad failed, $left skipped"
}

check_format() {
  (
    cd "$root" &&
      git ls-files '*.h' '*.cpp' | xargs clang-format-19 --dry-run -Werror &&
      printf '%s\n' parlor deploy/lib/*.sh deploy/docker/{ready,prepare,setup,postgresql} tests/*.sh tests/deploy/*.sh |
      xargs -n 1 bash -n
  )
}

test_widget() {
  (
    cd "$root/widget" && npm run --silent lint && npm run --silent test
  )
}

test_browser() {
  (
    cd "$root/tests/browser" && npm ci --no-audit --no-fund --loglevel=error &&
      npm run --silent lint && npm run --silent test
  )
}

# with_stack COMMAND: while the real product runs, with the environment that its tests ask for.
with_stack() {
  local scratch status=0 data
  scratch=$(mktemp -d)
  data="$scratch/data"
  "$root/parlor" up --no-build --data "$data" --port "${PARLOR_TEST_PORT:-28080}" --bin "$root/build/release"
  (
    source "$data/run/ports"
    PARLOR_STATUS_JSON=$("$root/parlor" status --json --data "$data")
    PARLOR_DEMO_URL="http://127.0.0.1:$port,http://127.0.0.1:$gateway_1_port,http://127.0.0.1:$gateway_2_port"
    PARLOR_AGENT="$(find "$root/build/release" -name parlor-agent-headless -type f) --server tcp://127.0.0.1:$broker_port --site demo --agent alice --name Alice --password-file $data/secrets/alice.password --data $scratch/agent"
    export PARLOR_STATUS_JSON PARLOR_DEMO_URL PARLOR_AGENT
    "$@"
  ) || status=$?
  "$root/parlor" down --data "$data"
  rm -rf "$scratch"
  return "$status"
}

# A visitor in Chromium, and the desktop's core as the agent.
test_e2e() { (cd "$root/tests/browser" && npm run --silent test:e2e); }

# The gateway's answers against its OpenAPI document.
test_api() {
  (
    cd "$root/tests/api" && npm ci --no-audit --no-fund --loglevel=error &&
      npm run --silent test
  )
}

run_ctest() { # PRESET [ctest options]
  local preset=$1
  shift
  (cd "$root" && QT_QPA_PLATFORM=offscreen ctest --preset "$preset" -j "$(nproc)" --no-tests=error "$@")
}

cmd_test() {
  local sanitizers=0
  while [ $# -gt 0 ]; do
    case "$1" in
      --sanitizers) sanitizers=1 ;;
      *) die "no such option: $1" ;;
    esac
    shift
  done
  logs=$(mktemp -d)
  cmd_deps build test
  step format check_format
  build_widget
  step build-release configure_and_build release
  step ctest-release run_ctest release
  step widget test_widget
  step browser test_browser
  step e2e with_stack test_e2e
  step api with_stack test_api
  step build-asan configure_and_build asan gateway_fuzz "${sanitized_tests[@]}"
  step ctest-asan-units run_ctest asan -R "^($(IFS='|'; echo "${sanitized_tests[*]}"))\\."
  step fuzz run_fuzz 20
  # Clang builds these, so the whole tree is warning-free with both compilers.
  if [ "$sanitizers" = 1 ]; then
    step build-asan configure_and_build asan
    step ctest-asan run_ctest asan -LE integration
    step build-tsan configure_and_build tsan
    step ctest-tsan run_ctest tsan -LE integration
  fi
  rm -rf "$logs"
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
}
