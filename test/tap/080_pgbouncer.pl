# pgbouncer in transaction mode in front: many clients over few server connections, and nothing of one reaches another.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use Cwd ();
use PostgreSQL::Test::Utils;
use Test::More;

my ($bouncer) = grep { -x } qw(/usr/sbin/pgbouncer /usr/bin/pgbouncer);
plan skip_all => 'pgbouncer is not installed' if !$bouncer;

start_fake_provider();
fake_control('rules', [ { delay_ms => 20 } ]);
my $node = start_server('pooled', conf => "max_connections = 60\n");
my $directory = Cwd::abs_path(PostgreSQL::Test::Utils::tempdir_short());
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $user = $node->safe_psql('postgres', 'SELECT current_user');
PostgreSQL::Test::Utils::append_to_file("$directory/users.txt", qq{"$user" ""\n});
PostgreSQL::Test::Utils::append_to_file("$directory/pgbouncer.ini", <<"INI");
[databases]
postgres = host=@{[ $node->host ]} port=@{[ $node->port ]} user=$user
[pgbouncer]
listen_addr =
listen_port = $port
unix_socket_dir = $directory
auth_type = any
auth_file = $directory/users.txt
pool_mode = transaction
default_pool_size = 20
max_client_conn = 300
logfile = $directory/pgbouncer.log
INI
my $run = IPC::Run::start([ $bouncer, "$directory/pgbouncer.ini" ], '<', \undef, '>', '/dev/null', '2>', "$directory/err");
ok(wait_until(10, sub { -S "$directory/.s.PGSQL.$port" }), 'pgbouncer listens');

PostgreSQL::Test::Utils::append_to_file("$directory/ask.sql",
	"\\set n random(1, 1000000)\nBEGIN;\nSELECT 1 / (triangle_query('I am :n', 'p:n') ->> 'consensus' = 'You said: I am :n')::int;\nCOMMIT;\n");
my ($out, $err) = ('', '');
my $ok = IPC::Run::run([ $node->installed_command('pgbench'), '-n', '-c', 200, '-j', 2, '-t', 3, '-f', "$directory/ask.sql", '-h', $directory, '-p', $port, 'postgres' ],
	'<', \undef, '>', \$out, '2>', \$err);
ok($ok, '200 clients over 20 connections ask three times each') or diag($out, $err);
like($out, qr/transactions actually processed: 600\/600/, 'and every one gets the answer to its own question');
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT request_id) FROM credit_transactions}), '600|600', 'each is billed once');
cmp_ok($node->safe_psql('postgres', q{SELECT callers FROM byok_router}), '<=', 21, 'the router has a channel per server connection, not per client');
$run->signal('TERM');
eval { $run->finish };
$node->stop;
done_testing();
