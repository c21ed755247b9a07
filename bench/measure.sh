# What every part of the bench needs: cores, the cluster, the provider's delay, processor time, percentiles.
# Sourced by scripts/bench after scripts/lib.sh.

ticks_per_second=$(getconf CLK_TCK)
database_core=0
load_core=$(($(getconf _NPROCESSORS_ONLN) > 1 ? 1 : 0))
query_options='{}'

# What this shell starts from now on runs there.
pin_to_load_core() { taskset -pc "$load_core" $BASHPID >/dev/null; }
pin_to_database_core() { taskset -pc "$database_core" $BASHPID >/dev/null; }

server_environment=("KEYRING_ENCRYPTION_KEY=$(openssl rand -base64 32)" OPENAI_API_KEY=sk-test-bench-0000
  ANTHROPIC_API_KEY=sk-test-bench-0000 DEEPSEEK_API_KEY=sk-test-bench-0000)

start_bench_cluster() {
  cluster_settings="max_connections = 400
fsync = on
synchronous_commit = on
shared_buffers = 1GB
max_wal_size = 4GB
checkpoint_timeout = 30min
byok.max_in_flight = $((in_flight / 3))"
  pin_to_database_core
  start_cluster "${server_environment[@]}"
  pin_to_load_core
  run_sql -c 'CREATE EXTENSION byok'
  ask_over http
}

restart_bench_cluster() {
  pin_to_database_core
  as_postgres env "${server_environment[@]}" "$tree_bin/pg_ctl" -D "$cluster" -l "$work/server.log" -w -s start >&2
  pin_to_load_core
}

# ask_over http|https: where the providers are from now on; the router starts anew.
ask_over() {
  local base=http://127.0.0.1:$fake_http ca_file=
  if [ "$1" = https ]; then base=https://127.0.0.1:$fake_https ca_file=$fake_ca; fi
  run_sql -v base="$base" -f "$root/examples/fake_providers.sql"
  run_sql -c 'SELECT byok_version()' -c "ALTER SYSTEM SET byok.ca_file = '$ca_file'" -c 'SELECT pg_reload_conf()' >/dev/null
  restart_router
}

ask_once() { run_sql -At -c "SELECT triangle_query('bench', 'bench_user')" >/dev/null; }

restart_router() {
  run_sql -At -c 'SELECT byok_stop_router()' >/dev/null
  ask_once
}

router_pid() { run_sql -At -c 'SELECT pid FROM byok_router'; }

# provider POST|GET what [body]: the fake provider's control.
provider() { curl -sf -X "$1" "http://127.0.0.1:$fake_http/_control/$2" ${3:+-d "$3"}; }

# settle_provider MS [RULES]: every answer comes after so long, but for what the rules say.
settle_provider() {
  provider POST settings '{"journal": false}' >/dev/null
  provider POST rules "[${2:+$2,}{\"delay_ms\": $1}]" >/dev/null
}

# --- processor time, in microseconds -----------------------------------------------------------------------------

# cpu_of PID: of this process.
cpu_of() { sed 's/.*) //' "/proc/$1/stat" | awk -v t="$ticks_per_second" '{ printf "%.0f\n", ($12 + $13) * 1e6 / t }'; }

# Of the whole database: the postmaster, the children that have ended, and those that live.
cpu_of_database() {
  local postmaster children; postmaster=$(head -1 "$cluster/postmaster.pid")
  read -ra children <"/proc/$postmaster/task/$postmaster/children"
  {
    sed 's/.*) //' "/proc/$postmaster/stat" | awk '{ print $12 + $13 + $14 + $15 }'
    (cd /proc && cat "${children[@]/%//stat}" 2>/dev/null; :) |  # a child may have ended since
       sed 's/.*) //' | awk '{ print $12 + $13 }'
  } | awk -v t="$ticks_per_second" '{ s += $1 } END { printf "%.0f\n", s * 1e6 / t }'
}

now_us() { echo "${EPOCHREALTIME/./}"; }

# --- figures -----------------------------------------------------------------------------------------------------

# percentile FILE FRACTION: of a file of microseconds, in milliseconds.
percentile() {
  sort -n "$1" | awk -v p="$2" '{ v[NR] = $1 }
    END { if (NR == 0) { print "-"; exit } i = int(NR * p + 0.999999); printf "%.2f\n", v[i < 1 ? 1 : i] / 1000 }'
}

# The median of the numbers on stdin.
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

calculate() { awk "BEGIN { printf \"$1\", $2 }"; }

describe_machine() {
  printf 'Machine: %s, %s cores, %s; kernel %s; PostgreSQL %s, libcurl %s, OpenSSL %s; pg_byok %s.\n' \
    "$(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)" "$(getconf _NPROCESSORS_ONLN)" \
    "$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)" "$(uname -r)" \
    "$("$PG_CONFIG" --version | cut -d' ' -f2)" "$(pkg-config --modversion libcurl)" "$(openssl version | cut -d" " -f2)" \
    "$(run_sql -At -c 'SELECT byok_version()')"
  printf 'Database (or bare libcurl) on core %s; fake provider and load generator on core %s; load of the machine before the run %s.\n' \
    "$database_core" "$load_core" "$(cut -d' ' -f1 /proc/loadavg)"
  printf 'fsync = on, synchronous_commit = on; every load %s s after a warm-up, median of %s.\n' "$seconds" "$rounds"
}
