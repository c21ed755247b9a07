# A recognisable fake key, stored by bind parameter and used, is nowhere to be found afterwards: server log, heap and WAL
# files, pg_dump, logical stream, pg_stat_activity, results.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $canary = 'sk-test-CANARYq7Zr4Wm8Xc2Vb6Nn1-do-not-leak';
my $rotated = 'sk-test-CANARYs5Td9Yh3Jk7Lp0-rotated-key';
my $rejected = 'sk-test-CANARYb1Gf6Rv2Cx8Ee4-echoed-back';
my $needle = 'CANARY';

start_fake_provider();
my $node = start_server('canary', streaming => 'logical', conf => "log_min_messages = debug1\nlog_statement = none\n");
$node->safe_psql('postgres', q{SELECT pg_create_logical_replication_slot('canary', 'test_decoding')});

# pgbench sends real bind parameters (extended protocol); psql 15 cannot.
sub bind_call
{
	my ($sql, $value) = @_;
	my $script = PostgreSQL::Test::Utils::tempdir() . '/bind.sql';
	append_to_file($script, "$sql\n");
	$node->command_ok([ 'pgbench', '-n', '-M', 'extended', '-t', 1, '-D', "key=$value", '-f', $script, 'postgres' ], "ran: $sql");
	unlink $script;
	return;
}

bind_call(q{SELECT store_key('openai', :key, 'user', 'canary_user');}, $canary);
bind_call(q{SELECT store_key('anthropic', :key, 'user', 'canary_user');}, $rejected);
is( $node->safe_psql('postgres', q{SELECT count(*) FROM byok_keys WHERE owner_id = 'canary_user'}), '2', 'the keys are stored');
# one provider echoes the key in an error, another in a good answer and wherever names and ids stand
fake_control('rules', [
		{ provider => 'anthropic', status => 401, echo_key => JSON::PP::true },
		{ provider => 'openai', text => "your key is $canary", model => $canary, headers => { 'x-request-id' => $canary } } ]);
my $result = $node->safe_psql('postgres', q{SELECT triangle_query('use the canary', 'canary_user')});
unlike($result, qr/$needle/, 'the result does not show it, though the provider echoed it');
my ($code, $out, $err) = $node->psql('postgres', q{SELECT triangle_query('fail', 'canary_user', NULL, '{"providers": ["anthropic"]}')});
unlike($err, qr/$needle/, 'nor does the error');
like($err, qr/could not get an answer from enough providers/, 'which is the one expected');

my @sent = map { values %{ $_->{headers} } } @{ fake_get('requests') };
ok((grep { /\Q$canary\E/ } @sent), 'the canary did reach the provider');

# in pg_stat_activity while a key is verified, given as a literal this time
fake_control('rules', [ { path => '/openai/v1/models', delay_ms => 1000 } ]);
my $activity = '';
{
	my $session = $node->background_psql('postgres');
	$session->{stdin} .= "SELECT rotate_key((SELECT key_id FROM byok_keys WHERE owner_id = 'canary_user' AND provider = 'openai'), '$rotated', verify => true);\n\\echo done\n";
	wait_until(10, sub { $session->{run}->pump_nb; fake_get('stats')->{in_flight} > 0 });
	$activity = $node->safe_psql('postgres', q{SELECT query FROM pg_stat_activity});
	wait_until(10, sub { $session->{run}->pump_nb; $session->{stdout} =~ /done/ });
	$session->quit;
}
like($activity, qr/withheld by pg_byok/, 'pg_stat_activity shows that a statement was withheld');
unlike($activity, qr/$needle/, 'and not its text');
is( $node->safe_psql('postgres', q{SELECT count(*) FROM byok_keys WHERE owner_id = 'canary_user' AND status = 'active'}), '2', 'the rotation happened');

# an error raised by our function, with the key in the statement: no STATEMENT line
$node->psql('postgres', "SELECT store_key('openia', '$rotated')");

# with the library loaded from a session's first statement on, even log_statement = all and literals leave no trace
$node->safe_psql('postgres', q{ALTER DATABASE postgres SET session_preload_libraries = 'byok'; ALTER DATABASE postgres SET log_statement = 'all'});
$node->safe_psql('postgres', "SELECT store_key('deepseek', '$canary-literal', 'user', 'canary_user')");
$node->psql('postgres', "SELECT store_key('deepseek', '$canary-literal', 'user'");
bind_call(q{SELECT store_key('deepseek', :key, 'user', 'canary_user');}, $canary);
like(slurp_file($node->logfile), qr/statement: SELECT store_key\('deepseek', '\[redacted\]'/, 'the log shows the statement with the key masked');

$node->safe_psql('postgres', 'CHECKPOINT');
unlike($node->safe_psql('postgres', q{SELECT data FROM pg_logical_slot_get_changes('canary', NULL, NULL)}), qr/$needle/, 'logical stream');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, 'postgres' ], 'pg_dump runs');
like(slurp_file($dump), qr/service_credentials/, 'the dump carries the credentials');
unlike(slurp_file($dump), qr/$needle/, 'pg_dump');
$node->stop;

# all files of the cluster: heap, WAL, statistics
my $found;
IPC::Run::run([ 'grep', '-rla', $needle, $node->data_dir ], '>', \$found);
is($found, '', 'data directory: heap, indexes, WAL');
unlike(slurp_file($node->logfile), qr/$needle/, 'server log');
# the search itself works: the user's id must be found
IPC::Run::run([ 'grep', '-rla', 'canary_user', $node->data_dir ], '>', \$found);
isnt($found, '', 'the search would have found it');

done_testing();
