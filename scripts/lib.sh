# Shared by the scripts: packages, builds, and a private PostgreSQL in a temporary directory.
# Sourced by bash with `set -euo pipefail` on. Nothing is written outside $work and the build directories.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pg_major=${PG_MAJOR:-15}
build=${BYOK_BUILD:-$root/build}
export PG_CONFIG=${PG_CONFIG:-/usr/lib/postgresql/$pg_major/bin/pg_config}

say() { printf '\n== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or by sudo.
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# PostgreSQL refuses to run as root; everybody else runs it as themselves.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

run_packages="postgresql-$pg_major postgresql-server-dev-$pg_major g++ make cmake pkg-config libcurl4-openssl-dev
  libssl-dev libicu-dev nlohmann-json3-dev libasio-dev libnghttp2-dev libcli11-dev openssl ca-certificates curl python3 jq"
check_packages="$run_packages libgtest-dev libgmock-dev postgresql-$pg_major-pgtap libtap-parser-sourcehandler-pgtap-perl
  libipc-run-perl pgbouncer clang-14 libclang-rt-14-dev clang-tidy-14 clang-format-14 python3-cryptography"

# install_packages NAME…: only what is missing.
install_packages() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >&2
}

# A temporary directory that the postgres user can use; removed at the end with everything that runs in it.
make_work_directory() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/byok.XXXXXX")
  chmod 755 "$work"
  [ "$(id -u)" = 0 ] && chown postgres "$work"
  trap clean_up EXIT
  trap 'exit 130' INT TERM
}

clean_up() {
  local status=$?
  [ -n "${cluster:-}" ] && as_postgres "$tree_bin/pg_ctl" -D "$cluster" -m immediate -w stop >/dev/null 2>&1
  [ -n "${fake_pid:-}" ] && kill "$fake_pid" 2>/dev/null
  rm -rf "$work"
  exit "$status"
}

build_module() {
  say "building the extension"
  make -s -C "$root" -j"$(nproc)" >&2
}

build_fake_provider() {
  say "building the fake provider"
  cmake -S "$root" -B "$build" >/dev/null
  cmake --build "$build" -j"$(nproc)" --target fake_provider >&2
  fake_provider=$build/test/support/fake_provider
}

# A private copy of the server with the extension installed: nothing is written to /usr.
make_tree() {
  say "installing into a private tree"
  local bindir; bindir=$("$PG_CONFIG" --bindir)
  local libdir; libdir=$(dirname "$bindir")
  local sharedir; sharedir=$("$PG_CONFIG" --sharedir)
  tree=$work/tree
  mkdir -p "$tree$libdir" "$tree$(dirname "$sharedir")"
  cp -a "$libdir/." "$tree$libdir/"
  cp -a "$sharedir" "$tree$(dirname "$sharedir")/"
  make -s -C "$root" install DESTDIR="$tree" >&2
  chmod -R a+rX "$tree"
  tree_bin=$tree$bindir
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A test CA, and the fake provider of all three APIs on free loopback ports: sets fake_http, fake_https, fake_ca.
start_fake_provider() {
  mkdir -p "$work/ca"
  "$root/test/support/make_test_ca" "$work/ca" >/dev/null
  chmod -R a+rX "$work/ca"
  "$fake_provider" --http-port 0 --https-port 0 --cert "$work/ca/server.pem" --key "$work/ca/server.key" \
    --ports-file "$work/ports.json" --parent-pid $$ >"$work/fake_provider.log" 2>&1 &
  fake_pid=$!
  for _ in $(seq 100); do [ -s "$work/ports.json" ] && break; sleep 0.1; done
  [ -s "$work/ports.json" ] || { cat "$work/fake_provider.log" >&2; die "the fake provider did not start"; }
  fake_http=$(jq -r .http "$work/ports.json")
  fake_https=$(jq -r .https "$work/ports.json")
  fake_ca=$work/ca/ca.pem
}

# start_cluster [NAME=VALUE…]: a private cluster whose server has these variables in its environment, and the lines of
# $cluster_settings in its configuration.
start_cluster() {
  say "starting a private cluster"
  cluster=$work/data
  port=$(free_port)
  as_postgres "$tree_bin/initdb" -D "$cluster" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
  cat >>"$cluster/postgresql.conf" <<CONF
port = $port
listen_addresses = ''
unix_socket_directories = '$work'
max_connections = 200
fsync = off
${cluster_settings:-}
CONF
  as_postgres env "$@" "$tree_bin/pg_ctl" -D "$cluster" -l "$work/server.log" -w -s start >&2 \
    || { cat "$work/server.log" >&2; die "the cluster did not start"; }
  export PGHOST=$work PGPORT=$port PGUSER=postgres PGDATABASE=postgres
}

run_sql() { as_postgres "$tree_bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }
