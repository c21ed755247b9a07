# Key resolution with many keys stored, and the opening of one record.

# The key-resolution statement as the extension runs it: auto_explain shows the text of nested statements. Read to the
# end: others follow it.
resolution_statement() {
  run_sql -At 2>&1 <<'SQL' | awk '!seen && /Query Text: SELECT p\.name/ { on = seen = 1; sub(/.*Query Text: /, "") } on && /\(cost=/ { on = 0 } on'
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_nested_statements = on;
SET auto_explain.log_level = notice;
SELECT triangle_estimate('bench', 'bench_user');
SQL
}

# bench_resolve(tenant, user): microseconds of one run of it, by a saved plan as in the extension.
make_bench_resolve() {
  local statement; statement=$(resolution_statement)
  [ -n "$statement" ] || die 'the key-resolution statement was not found'
  run_sql <<SQL
CREATE FUNCTION bench_resolve(names text[], tenant text, person text) RETURNS double precision LANGUAGE plpgsql
  SET plan_cache_mode = force_generic_plan AS \$function\$
#variable_conflict use_column
DECLARE
  start timestamptz := clock_timestamp();
  leg record;
BEGIN
  FOR leg IN $statement LOOP NULL; END LOOP;
  RETURN extract(epoch FROM clock_timestamp() - start) * 1e6;
END \$function\$;
SQL
}

# percentiles_of_resolution FRACTION-OF-OWNERS: p50 and p99 of 5,000 runs; owners drawn from so many, all read before.
resolution_percentiles() { # owners
  run_sql -At -F' ' -v owners="$1" <<'SQL' | tail -1
SELECT setseed(0.5);
CREATE TEMP TABLE drawn AS SELECT 1 + floor(random() * :owners)::int AS i FROM generate_series(1, 5000);
SELECT count(bench_resolve(NULL, 'tenant_' || i, 'user_' || i)) FROM drawn \g /dev/null
SELECT count(bench_resolve(NULL, 'tenant_' || i, 'user_' || i)) FROM drawn \g /dev/null
SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY us)), round(percentile_cont(0.99) WITHIN GROUP (ORDER BY us))
  FROM (SELECT bench_resolve(NULL, 'tenant_' || i, 'user_' || i) AS us FROM drawn) t;
SQL
}

store_many_keys() { # count
  run_sql -v keys="$1" -f "$root/bench/many_keys.sql" >/dev/null
}

resolution_row() { # label owners
  local p50 p99; read -r p50 p99 < <(resolution_percentiles "$2")
  echo "| $1 | $p50 µs | $p99 µs |"
}

measure_keys() {
  local owners=$((keys / 6))
  run_sql -c "SELECT store_key('openai', 'sk-test-bench-0000-0000-0000', 'user', 'user_1')" >/dev/null
  make_bench_resolve
  printf '\n### Keys: resolution of three providers over all tiers in one statement, and opening a record\n\n'
  echo '| | p50 | p99 |'
  echo '|---|---:|---:|'
  resolution_row '1 key stored' 1
  store_many_keys "$keys"
  resolution_row "$keys keys stored, a tenant and a user with three each; 5,000 owners, warm" "$owners"
  taskset -c "$database_core" "$build/open_record"
}
