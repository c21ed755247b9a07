# Ten thousand calls in flight in one router: memory and rate. And that a slow provider delays nobody else.

in_flight_delay=5000  # ms; the ideal rate is calls / delay

# memory_of PID FIELD: KiB of smaps_rollup.
memory_of() { awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/smaps_rollup"; }

answered() { provider GET stats | jq .answered; }
router_figure() { run_sql -At -c "SELECT $1 FROM byok_router"; }

# Requests so many, in one transaction; the router takes them from the queue after it.
submit() { # count [options]
  run_sql -c "SELECT count(triangle_submit('bench ' || i, 'bench_user', options => '${2:-{\}}')) FROM generate_series(1, $1) i" >/dev/null
}

# triangle_map has at most 1000 at a time: several sessions.
map() { # count concurrency sessions
  local i pids=()
  for ((i = 0; i < $3; ++i)); do
    run_sql -c "SELECT count(result) FROM (SELECT (triangle_map('SELECT i, ''bench '' || i FROM generate_series(1, $(($1 / $3))) i',
      'bench_user', concurrency => $(($2 / $3)))).*) t" >/dev/null &
    pids+=($!)
  done
  wait "${pids[@]}"
}

# The requests go in waves of the provider's delay. After the first has been sent, one whole wave is timed.
feed() { # map|submit requests
  if [ "$1" = map ]; then map "$(($2 * 4))" "$2" 4; else submit "$(($2 * 4))"; fi
}

await_calls() { # count: until so many are in flight, at most 60 s; fails when work ends before
  local deadline=$((SECONDS + 60))
  while [ "$(router_figure calls)" -lt "$1" ]; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.2
  done
}

# One row: map or submit over http or https.
in_flight_row() {
  local requests=$((in_flight / 3)) pid base base_heap calls connections pss heap from to first last feeder
  ask_over "$2"
  pid=$(router_pid)
  base=$(memory_of "$pid" Pss) base_heap=$(memory_of "$pid" Pss_Anon)
  settle_provider "$in_flight_delay"
  feed "$1" "$requests" &
  feeder=$!
  await_calls $((in_flight * 98 / 100)) || say "only $(router_figure calls) calls came in flight"
  calls=$(router_figure calls) connections=$(router_figure connections)
  pss=$(memory_of "$pid" Pss) heap=$(memory_of "$pid" Pss_Anon)
  first=$(answered) from=$(now_us)
  sleep $((in_flight_delay * 2 / 1000))
  last=$(answered) to=$(now_us)
  settle_provider 0
  wait "$feeder"
  await_empty
  echo "| triangle_$1 | $2 | $calls | $connections | $(calculate %.1f "($pss - $base) / $calls") KiB |" \
    "$(calculate %.1f "($heap - $base_heap) / $calls") KiB | $(calculate %.0f "($last - $first) * 1e6 / ($to - $from)")/s |" \
    "$(calculate '%.1f %%' "100 * ($last - $first) * 1e3 * $in_flight_delay / ($to - $from) / $in_flight") |"
}

await_empty() {
  local left=1
  while [ "$left" != 0 ]; do
    sleep 0.1
    left=$(run_sql -At -c "SELECT count(*) FROM triangle_requests WHERE state IN ('queued', 'running')")
  done
}

measure_inflight() {
  local how over
  printf '\n### In flight: %s calls, providers at %s ms\n\n' "$in_flight" "$in_flight_delay"
  echo '| by | over | calls in flight | connections | memory a call (PSS) | of it heap | answers | of the ideal rate |'
  echo '|---|---|---:|---:|---:|---:|---:|---:|'
  for over in http https; do
    for how in map submit; do in_flight_row "$how" "$over"; done
  done
  ask_over http
  measure_submitted
  measure_slow_provider
}

# The whole life of a queue: from the commit to the last bill.
measure_submitted() {
  local count=$((in_flight > 1000 ? 10000 : 1000)) seconds_taken
  settle_provider 200
  run_sql -c "SELECT pg_stat_reset()" >/dev/null
  submit "$count"
  await_empty
  seconds_taken=$(run_sql -At -c "SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM
    (SELECT * FROM triangle_requests WHERE submitted_by IS NOT NULL ORDER BY created_at DESC LIMIT $count) r")
  printf '\n%s submitted requests, providers at 200 ms: all answered and billed %.1f s after the router took the first, %.0f/s; answers: %s.\n' \
    "$count" "$seconds_taken" "$(calculate %f "$count / $seconds_taken")" \
    "$(run_sql -At -c "SELECT string_agg(n || ' ' || state, ', ') FROM (SELECT state, count(*) AS n FROM
      (SELECT state FROM triangle_requests WHERE submitted_by IS NOT NULL ORDER BY created_at DESC LIMIT $count) r GROUP BY state) s")"
}

# Queries of the fast providers while many calls wait for the slow one.
measure_slow_provider() {
  local stuck=$((in_flight / 10)) quiet busy
  write_query
  query_options='{"providers": ["openai", "anthropic"]}'
  settle_provider 50 '{"provider": "deepseek", "delay_ms": 30000}'
  load_ours 16; quiet=$(figures_of_load)
  submit "$stuck" '{"providers": ["deepseek"]}'
  await_calls "$stuck" || die "the slow provider's calls did not start"
  load_ours 16; busy=$(figures_of_load)
  query_options='{}'
  settle_provider 0
  printf '\nA provider at 30 s with %s calls waiting for it; 16 callers ask only the two others, at 50 ms: p50 / p99 %s ms, without those calls %s ms.\n' \
    "$stuck" "$(cut -d' ' -f1,2 <<<"$busy" | sed 's| | / |')" "$(cut -d' ' -f1,2 <<<"$quiet" | sed 's| | / |')"
  run_sql -At -c "SELECT byok_stop_router()" >/dev/null
}
