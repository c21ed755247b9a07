# What it costs that the router waits for the disk before a call is sent or answered.

set_router_durability() {
  run_sql -c 'SELECT byok_version()' -c "ALTER SYSTEM SET byok.router_synchronous_commit = $1" -c 'SELECT pg_reload_conf()' >/dev/null
  sleep 0.5
}

commits() { run_sql -At -c 'SELECT commits FROM byok_router'; }

# durable_load on|off CALLERS: p50, rate, CPU, and queries a commit (two commits a query when each is alone).
durable_load() {
  local before after p50 rate cpu _
  set_router_durability "$1"
  before=$(commits)
  load_ours "$2"
  after=$(commits)
  read -r p50 _ rate cpu < <(figures_of_load)
  echo "$p50 $rate $cpu $(calculate %.1f "$(cat "$work"/log.* | wc -l) / ($after - $before)")"
}

measure_durable() {
  local count mode round
  write_query
  settle_provider 0
  printf '\n### Durable billing: byok.router_synchronous_commit, providers at 0 ms\n\n'
  echo '| callers | on: p50, rate, CPU a query, queries a commit | off | rate: on / off |'
  echo '|---:|---:|---:|---:|'
  for count in 1 16 64; do
    rm -f "$work"/durable.*
    for ((round = 0; round < rounds; ++round)); do
      for mode in on off; do durable_load "$mode" "$count" >>"$work/durable.$mode"; done
    done
    local row="| $count |" rates=()
    for mode in on off; do
      local field medians=()
      for field in 1 2 3 4; do medians+=("$(cut -d' ' -f"$field" "$work/durable.$mode" | median)"); done
      row+=" ${medians[0]} ms, ${medians[1]}/s, ${medians[2]} µs, ${medians[3]} |"
      rates+=("${medians[1]}")
    done
    echo "$row $(calculate '%.0f %%' "100 * ${rates[0]} / ${rates[1]}") |"
  done
  set_router_durability on
}
