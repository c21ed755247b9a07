# What reports and proofs cost over the books of many queries.

# milliseconds_of STATEMENT: median of three runs in one session, after one that is not counted.
milliseconds_of() {
  printf '\\o /dev/null\n%s;\n\\timing on\n%s;\n%s;\n%s;\n' "$1" "$1" "$1" "$1" | run_sql -At | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | sort -n | sed -n 2p
}

# milliseconds_once STATEMENT: one run; for what takes long.
milliseconds_once() {
  printf '\\o /dev/null\n\\timing on\n%s;\n' "$1" | run_sql -At | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
}

usage_row() { # what STATEMENT
  printf '| %s | %s ms |\n' "$1" "$(milliseconds_of "$2")"
}

usage_sizes() {
  run_sql -At -F' | ' <<'SQL'
SELECT '| ' || t, to_char(sum(c.reltuples), 'FM999,999,999'), pg_size_pretty(sum(pg_table_size(c.oid))), pg_size_pretty(sum(pg_indexes_size(c.oid))),
       round(sum(pg_total_relation_size(c.oid)) / greatest(sum(c.reltuples), 1)::numeric) || ' |'
  FROM unnest('{key_usage_log,platform_api_usage,triangle_requests,triangle_calls,credit_holds,credit_transactions,credit_accounts,usage_daily,tier_daily}'::text[]) WITH ORDINALITY n (t, n)
       JOIN pg_class c ON c.relname = t OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = t::regclass)
 WHERE c.relkind = 'r' AND c.reltuples >= 0 GROUP BY n, t ORDER BY n;
SQL
}

measure_usage() {
  local month="date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month'"
  local begin="(($month) AT TIME ZONE 'UTC')" end="(date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')"
  local started; started=$(now_us)
  run_sql -v rows="$rows" -f "$root/bench/many_usage.sql" >/dev/null
  printf '\n### Usage: %s calls of %s queries over six months (made in %d s)\n\n' "$rows" $((rows / 3)) $((($(now_us) - started) / 1000000))
  echo '| table | rows | heap | indexes | bytes a row, all in all |'
  echo '|---|---:|---:|---:|---:|'
  usage_sizes
  echo; echo '| | warm |'; echo '|---|---:|'
  usage_row "the seed's audit query, a busy user" "SELECT * FROM key_usage_log WHERE user_id = 'bench_1' ORDER BY used_at DESC LIMIT 100"
  usage_row "the same, a rare one" "SELECT * FROM key_usage_log WHERE user_id = 'bench_19999' ORDER BY used_at DESC LIMIT 100"
  usage_row 'byok_spend_daily: one day by provider and key source' "SELECT provider, key_source, sum(cost_usd), sum(charge_usd) FROM byok_spend_daily WHERE day = (now() AT TIME ZONE 'UTC')::date - 1 GROUP BY 1, 2"
  usage_row 'byok_spend_daily: last month by day, provider and key source' "SELECT day, provider, key_source, sum(cost_usd), sum(charge_usd) FROM byok_spend_daily WHERE day >= ($month)::date AND day < date_trunc('month', now() AT TIME ZONE 'UTC')::date GROUP BY 1, 2, 3"
  usage_row 'the same from the rows (byok_usage)' "SELECT (used_at AT TIME ZONE 'UTC')::date, provider, key_source, sum(cost_usd), sum(charge_usd) FROM byok_usage WHERE used_at >= $begin AND used_at < $end GROUP BY 1, 2, 3"
  usage_row 'byok_margin_between(): 24 hours, parts of two days' "SELECT * FROM byok_margin_between(now() - interval '1 day', now())"
  usage_row 'byok_margin_between(): last month' "SELECT * FROM byok_margin_between($begin, $end)"
  usage_row 'byok_margin: this month and the last' 'SELECT * FROM byok_margin'
  usage_row 'byok_unknown_calls' 'SELECT * FROM byok_unknown_calls'
  usage_row 'byok_accounts: those that owe most' 'SELECT * FROM byok_accounts ORDER BY posted_usd LIMIT 100'
  usage_row "credit_balance() of a busy user" "SELECT * FROM credit_balance('bench_1')"
  usage_row 'billing_invariants(since) of one day' "SELECT * FROM billing_invariants(now() - interval '1 day')"
  printf '| billing_invariants() of everything, once | %s ms |\n' "$(milliseconds_once 'SELECT * FROM billing_invariants()')"
  printf '| verify_ledger_chain() of everything, once | %s ms |\n' "$(milliseconds_once 'SELECT * FROM verify_ledger_chain()')"
  usage_row 'verify_ledger_chain() of the last 10,000 rows' 'SELECT * FROM byok_ledger_head h, verify_ledger_chain(greatest(h.chain_no - 9999, 1))'
  printf '| byok_drop_usage() of the oldest month, once | %s ms |\n' "$(milliseconds_once "SELECT byok_drop_usage((date_trunc('month', now() AT TIME ZONE 'UTC') - interval '4 months')::date)")"
  printf '\nViolated invariants: %s of everything, %s rows of the chain.\n' "$(run_sql -At -c 'SELECT count(*) FROM billing_invariants()')" "$(run_sql -At -c 'SELECT count(*) FROM verify_ledger_chain()')"
}
