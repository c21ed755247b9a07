# Loads of many callers: triangle_query through pgbench, and the same three calls by bare libcurl. Both write a line a
# query as pgbench's log has it; both are measured in a window after the warm-up, so first queries are left out.

# The part of a log that ended between two times (microseconds since the epoch): latencies in microseconds.
in_window() { awk -v from="$1" -v to="$2" '{ end = $5 * 1000000 + $6 } end >= from && end < to { print $3 }'; }

# Sessions load the library and plan their statements at their first query.
warm_up_of() { calculate %.1f "1 + $1 / 40"; }

# observe CALLERS CPU-COMMAND…: leaves start, end and processor time of the window in $from, $to, $used.
observe() {
  local before
  sleep "$1"; shift
  from=$(now_us) before=$("$@")
  sleep "$seconds"
  to=$(now_us) used=$(($("$@") - before))
}

# load_ours CALLERS: writes $work/latencies; sets $from, $to, $used.
load_ours() {
  local warm_up length pgbench; warm_up=$(warm_up_of "$1")
  length=$(calculate %d "$warm_up + $seconds + 2")
  rm -f "$work"/log.*
  (cd "$work" && as_postgres "$tree_bin/pgbench" -n -M prepared -c "$1" -j 2 -T "$length" -l --log-prefix="$work/log" \
    -D "options=$query_options" -f "$work/query.sql" postgres >/dev/null 2>"$work/pgbench.err") &
  pgbench=$!
  observe "$warm_up" cpu_of_database
  wait "$pgbench" || { cat "$work/pgbench.err" >&2; die 'pgbench failed'; }
  grep -q 'aborted' "$work/pgbench.err" && { cat "$work/pgbench.err" >&2; die 'queries failed'; }
  cat "$work"/log.* | in_window "$from" "$to" >"$work/latencies"
}

# load_bare CALLERS: the same of the program, which takes the database's core.
load_bare() {
  local bare
  taskset -c "$database_core" "$build/plain_multi" "http://127.0.0.1:$fake_http" "$1" "$((seconds + 2))" >"$work/bare.log" &
  bare=$!
  observe 1 cpu_of "$bare"
  wait "$bare" || die 'plain_multi failed'
  in_window "$from" "$to" <"$work/bare.log" >"$work/latencies"
}

# One line: p50 and p99 in milliseconds, queries a second, microseconds of processor time a query.
figures_of_load() {
  local count; count=$(wc -l <"$work/latencies")
  printf '%s %s %s %s\n' "$(percentile "$work/latencies" 0.5)" "$(percentile "$work/latencies" 0.99)" \
    "$(calculate %.0f "$count * 1e6 / ($to - $from)")" "$(calculate %.0f "$used / ($count > 0 ? $count : 1)")"
}

# load ours|bare DELAY CALLERS: the medians of all rounds, measured once a run and remembered.
load() {
  local kept=$work/load.$1.$2.$3 field
  for side in bare ours; do measure_rounds "$side" "$2" "$3"; done
  for field in 1 2 3 4; do cut -d' ' -f"$field" "$kept" | median; done | paste -sd' '
}

measure_rounds() { # side delay callers
  local kept=$work/load.$1.$2.$3
  [ -e "$kept" ] && return
  local round
  settle_provider "$2"
  for ((round = 0; round < rounds; ++round)); do
    "load_$1" "$3"
    figures_of_load >>"$kept"
  done
}

write_query() {
  # shellcheck disable=SC2016
  echo "SELECT triangle_query('bench', 'bench_' || :client_id::text, NULL, :options);" >"$work/query.sql"
  chmod a+r "$work/query.sql"
}

# --- tables ------------------------------------------------------------------------------------------------------

measure_latency() {
  local delay count p50 p99 bare50 bare99 _
  write_query
  printf '\n### Latency: one query, three calls\n\n'
  echo '| provider | callers | triangle_query p50 / p99 | bare libcurl p50 / p99 | over the provider p50 / p99 | over bare libcurl p50 / p99 |'
  echo '|---:|---:|---:|---:|---:|---:|'
  for delay in $delays; do
    for count in $callers; do
      read -r bare50 bare99 _ < <(load bare "$delay" "$count")
      read -r p50 p99 _ < <(load ours "$delay" "$count")
      echo "| $delay ms | $count | $p50 / $p99 ms | $bare50 / $bare99 ms |" \
        "$(calculate %+.2f "$p50 - $delay") / $(calculate %+.2f "$p99 - $delay") ms |" \
        "$(calculate %+.2f "$p50 - $bare50") / $(calculate %+.2f "$p99 - $bare99") ms |"
    done
  done
}

# The rate that so many callers reach when nothing but the provider takes time.
ideal_rate() { [ "$1" = 0 ] && echo - || calculate %.0f "$2 * 1000 / $1"; }
share_of() { [ "$2" = - ] && echo - || calculate '%.1f %%' "100 * $1 / $2"; }

measure_throughput() {
  local delay count rate cpu bare_rate bare_cpu ideal _
  write_query
  printf '\n### Throughput: queries a second, and processor time of the whole database a query\n\n'
  echo '| provider | callers | triangle_query | CPU a query | bare libcurl | CPU a query | rate: ours / bare | CPU: ours / bare | ideal rate | reached: ours, bare |'
  echo '|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|'
  for delay in $delays; do
    for count in 64 256; do
      [ "$quick" = 1 ] && [ "$count" = 256 ] && continue
      read -r _ _ bare_rate bare_cpu < <(load bare "$delay" "$count")
      read -r _ _ rate cpu < <(load ours "$delay" "$count")
      ideal=$(ideal_rate "$delay" "$count")
      echo "| $delay ms | $count | $rate/s | $cpu µs | $bare_rate/s | $bare_cpu µs |" \
        "$(calculate '%.0f %%' "100 * $rate / $bare_rate") | $(calculate %.1f "$cpu / $bare_cpu") |" \
        "$ideal | $(share_of "$rate" "$ideal"), $(share_of "$bare_rate" "$ideal") |"
    done
  done
}
