# One account that everybody spends from: triangle_query, whose router posts whole turns at once, beside the usual SQL with
# a row lock, reserving and settling in two transactions and asking no provider at all.

write_naive() {
  run_sql -c 'CREATE TABLE naive_accounts (id int PRIMARY KEY, posted numeric(20,12), held numeric(20,12)) WITH (fillfactor = 50)' \
    -c 'CREATE TABLE naive_holds (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id int, amount numeric(20,12), state text)' \
    -c 'CREATE TABLE naive_ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id int, amount numeric(20,12))' \
    -c 'INSERT INTO naive_accounts VALUES (1, 1000000, 0)'
  cat >"$work/naive.sql" <<'SQL'
BEGIN;
UPDATE naive_accounts SET held = held + 0.1 WHERE id = 1 AND posted - held >= 0.1;
INSERT INTO naive_holds (account_id, amount, state) VALUES (1, 0.1, 'held') RETURNING id AS hold \gset
COMMIT;
BEGIN;
UPDATE naive_accounts SET held = held - 0.1, posted = posted - 0.091 WHERE id = 1;
UPDATE naive_holds SET state = 'captured' WHERE id = :hold;
INSERT INTO naive_ledger (account_id, amount) VALUES (1, -0.091);
COMMIT;
SQL
  chmod a+r "$work/naive.sql"
}

# Cycles a second of the row lock.
naive_rate() {
  as_postgres "$tree_bin/pgbench" -n -M prepared -c "$1" -j 2 -T "$seconds" -f "$work/naive.sql" postgres 2>/dev/null \
    | awk '/^tps/ { printf "%.0f", $3 }'
}

hot_rate() { # callers
  local rate _
  load_ours "$1"
  read -r _ _ rate _ < <(figures_of_load)
  echo "$rate"
}

measure_hot() {
  local count hot each naive
  run_sql -c "SELECT grant_credits('bench_hot', 2000000000, 'bench')" -c "SELECT set_credit_policy('bench_hot', false)" >/dev/null
  write_naive
  settle_provider 0
  printf '\n### One prepaid account for all callers, providers at 0 ms\n\n'
  echo '| callers | triangle_query, one account | an account each | row lock, no calls | one account / each | one account / row lock |'
  echo '|---:|---:|---:|---:|---:|---:|'
  for count in 16 100; do
    write_query
    each=$(hot_rate "$count")
    # shellcheck disable=SC2016
    echo "SELECT triangle_query('bench', 'bench_hot', NULL, :options);" >"$work/query.sql"
    hot=$(hot_rate "$count")
    naive=$(naive_rate "$count")
    echo "| $count | $hot/s | $each/s | $naive/s | $(calculate '%.0f %%' "100 * $hot / $each") | $(calculate '%.0f %%' "100 * $hot / $naive") |"
  done
}
