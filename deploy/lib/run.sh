# Running Parlor on one machine: broker, ledger, gateways, a load balancer.
#
# The data directory:
#   etc/      configuration, made anew at every `up`
#   secrets/  accounts, passwords and the token key, made once; the database's URL where one was given
#   db/ broker/  the record; the broker's retained messages
#   log/ run/    logs; NAME.pid and ports

site=demo
agents=(alice bob)
parts=()
max_gateways=16

parse_run_options() {
  data="$root/.parlor" port="" bin="$root/build/release" json=0 build=1 demo_agent=0 agent=alice
  asked_gateways="" asked_balancer="" asked_database=""
  while [ $# -gt 0 ]; do
    case "$1" in
      --data) data=${2:?--data needs a directory}; shift ;;
      --port) port=${2:?--port needs a number}; shift ;;
      --bin) bin=${2:?--bin needs a directory}; shift ;;
      --agent) agent=${2:?--agent needs a name}; shift ;;
      --gateways) asked_gateways=${2:?--gateways needs a number}; shift ;;
      --balancer) asked_balancer=${2:?--balancer needs a name}; shift ;;
      --database-file)
        # Not the URL itself: its password would stand in the list of processes.
        asked_database=$(cat -- "${2:?--database-file needs a file}" 2>/dev/null) || die "--database-file: cannot read $2"
        [ -n "$asked_database" ] || die "--database-file: $2 is empty"
        shift
        ;;
      --json) json=1 ;;
      --no-build) build=0 ;;
      --demo-agent) demo_agent=1 ;;
      *) die "no such option: $1" ;;
    esac
    shift
  done
  case "$port" in *[!0-9]*) die "--port: not a number: $port" ;; esac
  [ -z "$port" ] || { [ "$port" -ge 1 ] && [ "$port" -le 65535 ]; } || die "--port: 1 to 65535"
  case "$asked_gateways" in *[!0-9]*) die "--gateways: not a number: $asked_gateways" ;; esac
  [ -z "$asked_gateways" ] || { [ "$asked_gateways" -ge 1 ] && [ "$asked_gateways" -le "$max_gateways" ]; } ||
    die "--gateways: 1 to $max_gateways"
  case "$asked_balancer" in "" | haproxy | nginx) ;; *) die "--balancer: haproxy or nginx" ;; esac
  case "$asked_database" in
    "" | postgresql://* | mysql://*) ;;
    *) die "--database-file: must hold postgresql://USER:PASSWORD@HOST:PORT/NAME or mysql://…" ;;
  esac
  [ "$command" != up ] || mkdir -p "$data" || die "cannot create the data directory $data"
  data=$(cd "$data" 2>/dev/null && pwd || echo "$data")
  bin=$(cd "$bin" 2>/dev/null && pwd || echo "$bin")
}

# --- processes ---------------------------------------------------------------------------------------

# pid_of PART: its pid, where it runs and is really ours (a pid may have been given to another).
pid_of() {
  local pid
  pid=$(cat "$data/run/$1.pid" 2>/dev/null) || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$data/" || return 1
  echo "$pid"
}

# start_part PART COMMAND …: in the background, in a session of its own, output to its log.
start_part() {
  local part=$1
  shift
  setsid "$@" >>"$data/log/$part.log" 2>&1 </dev/null 9>&- &
  echo $! >"$data/run/$part.pid"
}

# healthy PART
healthy() {
  local address
  case "$1" in
    broker)
      mosquitto_pub -h 127.0.0.1 -p "$broker_port" -V 5 -u health -P "$(secret health)" \
        -t parlor/health -m 1 -q 1 >/dev/null 2>&1
      ;;
    demo-agent) pid_of demo-agent >/dev/null ;;
    *)
      address=$(address_of "$1")
      curl -fsS -m 2 -o /dev/null "http://$address/readyz" 2>/dev/null
      ;;
  esac
}

address_of() {
  case "$1" in
    broker) echo "127.0.0.1:$broker_port" ;;
    ledger) echo "127.0.0.1:$ledger_port" ;;
    gateway-*) local name=gateway_${1#gateway-}_port; echo "127.0.0.1:${!name}" ;;
    balancer) echo "127.0.0.1:$port" ;;
    *) echo "" ;;
  esac
}

# await_healthy PART: up to 30 s; says why when it does not come up.
await_healthy() {
  local part=$1 _
  for _ in $(seq 300); do
    healthy "$part" && return
    if ! pid_of "$part" >/dev/null; then
      sleep 0.1 # it may only just have been started
      pid_of "$part" >/dev/null || break
    fi
    sleep 0.1
  done
  tail -n 15 "$data/log/$part.log" >&2
  die "$part did not become healthy; its log: $data/log/$part.log"
}

stop_part() {
  local pid _
  pid=$(pid_of "$1") || { rm -f "$data/run/$1.pid"; return 0; }
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 150); do
    pid_of "$1" >/dev/null || break # kill -0 would still find it until its parent has noticed
    sleep 0.1
  done
  if pid_of "$1" >/dev/null; then
    say "$1 did not stop within 15 s: killed"
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$data/run/$1.pid"
}

# --- configuration -----------------------------------------------------------------------------------

secret() { cat "$data/secrets/$1.password"; }

# How many gateways behind which balancer, and the ports of all parts: chosen once, kept; a port is
# chosen again where somebody took it.
choose_ports() {
  local asked=$port name part candidate taken=""
  gateway_count=2 balancer=haproxy broker_port="" ledger_port=""
  for candidate in $(seq "$max_gateways"); do printf -v "gateway_${candidate}_port" %s ""; done
  [ -f "$data/run/ports" ] && source "$data/run/ports"
  if pid_of balancer >/dev/null; then
    [ "${asked_gateways:-$gateway_count}" = "$gateway_count" ] ||
      die "it runs already, with $gateway_count gateways: ./parlor down first"
    [ "${asked_balancer:-$balancer}" = "$balancer" ] ||
      die "it runs already, behind $balancer: ./parlor down first"
  fi
  gateway_count=${asked_gateways:-$gateway_count} balancer=${asked_balancer:-$balancer}
  name_parts
  if [ -n "$asked" ] && [ -n "$port" ] && [ "$asked" != "$port" ]; then
    pid_of balancer >/dev/null && die "it runs already, on port $port: ./parlor down first"
    port=$asked
  fi
  port=${port:-8080}
  candidate=$((port + 1))
  # From 32768 on the system gives ports to outgoing connections: one could take ours any moment.
  [ "$candidate" -lt 32700 ] || candidate=$((10000 + port % 20000))
  for part in "${parts[@]}"; do
    name=${part//-/_}_port
    [ "$part" = balancer ] || taken+=" ${!name:-} "
  done
  for part in "${parts[@]}"; do
    [ "$part" != balancer ] || continue
    name=${part//-/_}_port
    if [ -n "${!name}" ] && { pid_of "$part" >/dev/null || ! port_taken "${!name}"; }; then continue; fi
    while port_taken "$candidate" || [[ $taken == *" $candidate "* ]]; do
      candidate=$((candidate + 1))
    done
    printf -v "$name" %s "$candidate"
    taken+=" $candidate "
  done
  for name in port gateway_count balancer broker_port ledger_port \
    $(seq -f 'gateway_%g_port' "$gateway_count"); do
    printf '%s=%s\n' "$name" "${!name}"
  done >"$data/run/ports"
}

# The parts there are, in the order they start.
name_parts() {
  mapfile -t gateways < <(seq "$gateway_count")
  parts=(broker ledger "${gateways[@]/#/gateway-}" balancer)
}

load_ports() {
  [ -f "$data/run/ports" ] || return 1
  local asked=$port
  source "$data/run/ports"
  name_parts
  [ -z "$asked" ] || [ "$asked" = "$port" ] || die "in $data it runs on port $port, not $asked"
}

# The database's URL: chosen once, kept.
choose_database() {
  local file="$data/secrets/database.url"
  if [ -n "$asked_database" ] && [ "$asked_database" != "$(cat "$file" 2>/dev/null)" ]; then
    pid_of ledger >/dev/null && die "the ledger runs already, on another database: ./parlor down first"
    (umask 077 && printf '%s\n' "$asked_database" >"$file")
  fi
  database_url=$(cat "$file" 2>/dev/null) || database_url="sqlite://$data/db/ledger.db"
}

# Passwords are made by parlor-admin, with the accounts.
make_secrets() {
  [ ! -s "$data/secrets/token.key" ] || return 0
  (
    umask 077
    printf '%s:%s\n' k1 "$(head -c 32 /dev/urandom | base64 -w0)" opening \
      "$(head -c 32 /dev/urandom | base64 -w0)" >"$data/secrets/token.key"
  )
}

# fill TEMPLATE: @NAME@ replaced by the variable.
fill() {
  sed -e "s|@DATA@|$data|g" -e "s|@USER@|$(id -un)|g" -e "s|@SITE@|$site|g" \
    -e "s|@PORT@|$port|g" -e "s|@BROKER_PORT@|$broker_port|g" "$1"
}

# configure_balancer TEMPLATE: as fill, with the line of @GATEWAY@ and @GATEWAY_PORT@ once for each.
configure_balancer() {
  local line line_n n name
  fill "$1" | while IFS= read -r line; do
    case "$line" in
      *@GATEWAY_PORT@*)
        for n in "${gateways[@]}"; do
          name=gateway_${n}_port
          line_n=${line//@GATEWAY@/gateway-$n}
          printf '%s\n' "${line_n//@GATEWAY_PORT@/${!name}}"
        done
        ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
}

dynsec_plugin() {
  local file
  for file in /usr/lib/*/mosquitto_dynamic_security.so /usr/lib/mosquitto_dynamic_security.so; do
    [ ! -f "$file" ] || { echo "$file"; return; }
  done
  die "Mosquitto's dynamic-security plugin is missing: ./parlor deps"
}

# admin ARGUMENTS …: parlor-admin on this instance's broker. New passwords go to secrets/.
admin() {
  PARLOR_ADMIN_SERVER="tcp://127.0.0.1:$broker_port" \
    PARLOR_ADMIN_PASSWORD_FILE="$data/secrets/parlor-admin.password" \
    PARLOR_ADMIN_SECRETS="$data/secrets" PARLOR_SITE="$site" \
    PARLOR_ADMIN_KEY_FILE="$data/secrets/token.key" PARLOR_LEDGER_CONFIG="$data/etc/ledger.properties" \
    "$(find_program parlor-admin)" "$@"
}

# Before the broker starts: its configuration, and the account that manages all others.
configure_broker() {
  local conf="$root/broker-config/single" plugin
  plugin=$(dynsec_plugin)
  cat "$conf/mosquitto.conf.in" "$conf/accounts-dynsec.conf.in" | fill - |
    sed "s|@DYNSEC_PLUGIN@|$plugin|" >"$data/etc/mosquitto.conf"
  admin broker init --file "$data/secrets/dynamic-security.json" \
    --password-file "$data/secrets/parlor-admin.password" >>"$data/log/admin.log" 2>&1 ||
    { tail -n 3 "$data/log/admin.log" >&2; die "cannot make the broker's accounts"; }
}

# While it runs: every account and right as it should be. Agents are made the first time only, so that
# one that was removed stays so.
set_up_accounts() {
  local made="$data/secrets/agents-made" arguments=() name
  if [ ! -e "$made" ]; then
    for name in "${agents[@]}"; do arguments+=(--agent "$site/$name"); done
  fi
  admin setup "${arguments[@]}" >>"$data/log/admin.log" 2>&1 || {
    tail -n 3 "$data/log/admin.log" "$data/log/broker.log" >&2
    die "cannot set up the broker's accounts"
  }
  touch "$made"
}

configure_parts() {
  local n name
  cat >"$data/etc/ledger.properties" <<TXT
database.url = $database_url
broker.servers = tcp://127.0.0.1:$broker_port
broker.username = ledger
broker.passwordFile = $data/secrets/ledger.password
health.listen = 127.0.0.1:$ledger_port
TXT
  for n in "${gateways[@]}"; do
    name=gateway_${n}_port
    cat >"$data/etc/gateway-$n.properties" <<TXT
http.listen = 127.0.0.1:${!name}
broker.servers = tcp://127.0.0.1:$broker_port
broker.username = gateway
broker.passwordFile = $data/secrets/gateway.password
sites = $site
sites.$site.origins = *
token.keyFile = $data/secrets/token.key
widget.dir = $root/widget/dist
TXT
  done
  configure_balancer "$root/deploy/haproxy/haproxy.cfg" >"$data/etc/haproxy.cfg"
  configure_balancer "$root/deploy/nginx/nginx.conf" >"$data/etc/nginx.conf"
}

# --- commands ----------------------------------------------------------------------------------------

lock() {
  exec 9>"$data/lock"
  flock -w 60 9 || die "another ./parlor works on $data"
}

ensure() { # PART COMMAND …: started unless it runs
  local part=$1
  pid_of "$part" >/dev/null || start_part "$@"
  await_healthy "$part"
  say "$part is up"
}

cmd_up() {
  local n
  [ "$build" = 0 ] || cmd_build
  for n in "${product_targets[@]}"; do
    find_program "$n" >/dev/null || die "$n is not built: run ./parlor up without --no-build"
  done
  mkdir -p "$data"/{etc,secrets,db,broker,log,run}
  chmod 700 "$data/secrets" "$data/etc" "$data/db"
  lock
  choose_ports
  pid_of balancer >/dev/null || ! port_taken "$port" ||
    die "port $port is taken by another program: choose one with --port N"
  choose_database
  make_secrets
  pid_of broker >/dev/null || configure_broker
  configure_parts
  pid_of broker >/dev/null || start_part broker mosquitto -c "$data/etc/mosquitto.conf"
  set_up_accounts
  ensure broker mosquitto -c "$data/etc/mosquitto.conf"
  ensure ledger "$(find_program parlor-ledger)" --config="$data/etc/ledger.properties"
  for n in "${gateways[@]}"; do
    ensure "gateway-$n" "$(find_program parlor-gateway)" --config="$data/etc/gateway-$n.properties"
  done
  case "$balancer" in
    haproxy) ensure balancer haproxy -db -f "$data/etc/haproxy.cfg" ;;
    nginx) ensure balancer nginx -p "$data/run/" -e stderr -c "$data/etc/nginx.conf" ;;
  esac
  if [ "$demo_agent" = 1 ]; then
    ensure demo-agent "$(find_program parlor-agent-headless)" --demo --name "Demo agent" \
      --server "tcp://127.0.0.1:$broker_port" --site "$site" --agent bob \
      --password-file "$data/secrets/bob.password" --data "$data/demo-agent"
  fi
  cat <<TXT

Parlor runs.
  Demo page:   http://127.0.0.1:$port/demo
  Agent:       ./parlor agent$(same_options)
               (signs in as alice; password: $(secret alice 2>/dev/null || echo "not known here"))
  Gateways:    $(for n in "${gateways[@]}"; do printf 'http://%s  ' "$(address_of "gateway-$n")"; done)
  Broker:      mqtt://127.0.0.1:$broker_port
  Data:        $data
  Stop:        ./parlor down$(same_options)
TXT
}

# The options that name this instance, for the hints.
same_options() { [ "$data" = "$root/.parlor" ] || printf ' --data %s' "$data"; }

# find_program NAME: in the build's folder or one below, or installed.
find_program() {
  local found
  found=$(find "$bin" -maxdepth 3 -name "$1" -type f -perm -u+x 2>/dev/null | head -1)
  [ -n "$found" ] || found=$(command -v "$1") || return 1
  echo "$found"
}

cmd_down() {
  local i
  [ -d "$data/run" ] || { say "nothing was started in $data"; return; }
  lock
  load_ports || true
  stop_part demo-agent
  for ((i = ${#parts[@]} - 1; i >= 0; i--)); do stop_part "${parts[i]}"; done
  say "stopped; the data stays in $data"
}

cmd_status() {
  local part pid state all=() list
  load_ports || {
    [ "$json" = 0 ] || echo '{"running":false,"parts":{}}'
    [ "$json" = 1 ] || echo "nothing was started in $data"
    return 1
  }
  local ok=true
  list=("${parts[@]}")
  [ ! -f "$data/run/demo-agent.pid" ] || list+=(demo-agent)
  for part in "${list[@]}"; do
    pid=$(pid_of "$part") || pid=null
    state=down
    if [ "$pid" != null ]; then healthy "$part" && state=healthy || state=unhealthy; fi
    [ "$state" = healthy ] || ok=false
    if [ "$json" = 1 ]; then
      all+=("$(printf '"%s":{"pid":%s,"address":"%s","state":"%s"}' "$part" "$pid" \
        "$(address_of "$part")" "$state")")
    else
      printf '%-11s %-9s pid %-8s %s\n' "$part" "$state" "$pid" "$(address_of "$part")"
    fi
  done
  if [ "$json" = 1 ]; then
    printf '{"running":%s,"demo":"http://127.0.0.1:%s/demo","site":"%s","data":"%s","parts":{%s}}\n' \
      "$ok" "$port" "$site" "$data" "$(IFS=,; echo "${all[*]}")"
  fi
  [ "$ok" = true ]
}

cmd_agent() {
  load_ports && pid_of broker >/dev/null || die "nothing runs in $data: ./parlor up first"
  [ -f "$data/secrets/$agent.password" ] ||
    die "no password of $agent in $data/secrets (./parlor admin agent list shows who there is)"
  exec "$(find_program parlor-agent)" --server "tcp://127.0.0.1:$broker_port" --site "$site" \
    --agent "$agent" --data "$data/agent-$agent" --password-file "$data/secrets/$agent.password"
}

# cmd_admin [--data DIR] [--bin DIR] ARGUMENTS …: the rest is for parlor-admin.
cmd_admin() {
  local own=()
  while [ "${1:-}" = --data ] || [ "${1:-}" = --bin ]; do
    own+=("$1" "${2:?$1 needs a directory}")
    shift 2
  done
  parse_run_options "${own[@]}"
  find_program parlor-admin >/dev/null || die "parlor-admin is not built: ./parlor build"
  case " $* " in
    # The last two ask nobody: the database, or a file, is enough.
    "  " | *" --help "* | *" -h "* | " verify "* | " restore-done "*) broker_port=0 admin "${@:---help}" ;;
    *)
      load_ports && pid_of broker >/dev/null || die "nothing runs in $data: ./parlor up first"
      admin "$@"
      ;;
  esac
}
