# How fast a call ends that is not wanted any more, and a server that has many of them.

hang() { settle_provider 30000; }

await_in_flight() { until [ "$(router_figure in_flight)" -ge "$1" ]; do sleep 0.05; done; }

# Milliseconds over its statement_timeout of a query that waits.
timeout_once() {
  run_sql -At 2>&1 <<'SQL' | awk '/^Time:/ { t = $2 } END { print t - 300 }'
SELECT byok_version();
SET statement_timeout = '300ms';
\timing on
\set ON_ERROR_STOP off
SELECT triangle_query('bench', 'bench_user');
SQL
}

# end_once FUNCTION: milliseconds from its call until the client of a waiting query is gone.
end_once() {
  local victim from
  run_sql -c "SELECT triangle_query('victim', 'bench_user')" >/dev/null 2>&1 &
  victim=$!
  until [ "$(run_sql -At -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'Extension' AND query LIKE '%victim%'
    AND pid <> pg_backend_pid()")" = 1 ]; do sleep 0.05; done
  from=$(run_sql -At -c "SELECT extract(epoch FROM clock_timestamp()) * 1e6 FROM (SELECT $1(pid) FROM pg_stat_activity
    WHERE query LIKE '%victim%' AND pid <> pg_backend_pid()) t")
  if wait "$victim"; then die "the query was not ended"; fi
  calculate %.1f "($(now_us) - $from) / 1000"
}

# With so many calls waiting; the sessions end by themselves when the server does.
start_waiting() {
  [ "$1" = 0 ] && return
  (cd "$work" && as_postgres "$tree_bin/pgbench" -n -c "$1" -t 1 -M prepared -D "options=$query_options" -f "$work/query.sql" postgres \
    >/dev/null 2>&1) &
  await_in_flight "$1"
}

milliseconds_of() { # command…
  local from; from=$(now_us)
  "$@" >/dev/null
  calculate %.1f "($(now_us) - $from) / 1000"
}

drop_once() { # calls waiting
  start_waiting "$1"
  run_sql -c 'CREATE DATABASE other'
  milliseconds_of run_sql -c 'DROP DATABASE other'
  end_waiting "$1"
}

end_waiting() {
  [ "$1" = 0 ] && return
  run_sql -At -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgbench'" >/dev/null
  wait
}

stop_once() { # calls waiting
  start_waiting "$1"
  milliseconds_of as_postgres "$tree_bin/pg_ctl" -D "$cluster" -m fast -w stop
  wait
  restart_bench_cluster
}

median_of() { # command…: of five
  local round
  for round in 1 2 3 4 5; do "$@"; done | median
}

measure_ends() {
  local none hundred
  write_query
  hang
  printf '\n### Ends: milliseconds, medians of five\n\n'
  echo '| | ms |'
  echo '|---|---:|'
  echo "| statement_timeout during a call: over the timeout | $(median_of timeout_once) |"
  echo "| pg_cancel_backend until the client has its error | $(median_of end_once pg_cancel_backend) |"
  echo "| pg_terminate_backend until the client is gone | $(median_of end_once pg_terminate_backend) |"
  none=$(median_of drop_once 0) hundred=$(median_of drop_once 100)
  echo "| DROP DATABASE of another database: 100 queries waiting, none | $hundred, $none |"
  none=$(median_of stop_once 0) hundred=$(median_of stop_once 100)
  echo "| pg_ctl stop -m fast: 100 queries waiting, none | $hundred, $none |"
}
