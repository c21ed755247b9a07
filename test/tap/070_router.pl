# The router process: started by whoever asks first, one per database, gone when idle, back after a crash, in nobody's way.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes ();

start_fake_provider();
my $node = start_server('router', streaming => 1, conf => "max_connections = 200\nmax_prepared_transactions = 5\nmax_worker_processes = 5\nrestart_after_crash = on\n");    # one worker process is the server's own

sub value { my ($sql, $database) = @_; return $node->safe_psql($database // 'postgres', $sql) }
sub routers { return value(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'byok router'}) }
sub router_pid { return value(q{SELECT pid FROM byok_router}) }
sub requests { return fake_get('stats')->{requests} }
sub quiet { return wait_until(20, sub { value(q{SELECT count(*) FROM triangle_requests WHERE state IN ('queued', 'running')}) == 0 }) }
sub median { my @sorted = sort { $a <=> $b } @_; return $sorted[ @sorted / 2 ] }

# --- start
is(routers(), 0, 'without a caller there is no router');
{
	my @sessions = map { $node->background_psql('postgres', on_error_stop => 0) } 1 .. 8;
	$_->{stdin} .= "SELECT triangle_query('first') -> 'success';\n\\echo done\n" for @sessions;
	$_->{run}->pump_nb for @sessions;
	ok(wait_until(20, sub { $_->{run}->pump_nb for @sessions; !grep { $_->{stdout} !~ /done/ } @sessions }), 'eight first callers at once');
	is(scalar(grep { $_->{stdout} =~ /^true$/m } @sessions), 8, 'are all answered');
	is(routers(), 1, 'by one router');
	$_->quit for @sessions;
}
like(slurp_file($node->logfile), qr/VaultBridge enabled - Hybrid BYOK active \(user keys \+ platform keys\)/, 'the log says so in the words of the seed');

# --- a role that may not log in, as behind PostgREST
value(q{CREATE ROLE web NOLOGIN; SELECT byok_grant('web', 'app')});
is(value(q{SELECT byok_stop_router(); SET ROLE web; SELECT triangle_query('as web', 'u') -> 'success'}) =~ /true/, 1, 'a NOLOGIN role starts and uses it');

# --- an extension nobody else can see yet
value('CREATE DATABASE fresh');
{
	my $before = requests();
	my ($code, $out, $err) = $node->psql('fresh', q{
		\set VERBOSITY verbose
		BEGIN; CREATE EXTENSION byok; SELECT triangle_query('too early'); ROLLBACK;}, extra_params => ['-v', 'ON_ERROR_STOP=0']);
	like($err, qr/55000.*cannot see the extension yet/s, 'CREATE EXTENSION and a query in one transaction: 55000');
	is(requests(), $before, 'and nothing is sent');
}

# --- idle databases are nobody's prisoners
value('CREATE EXTENSION byok', 'fresh');
ByokTest::point_at_fake($node, 'fresh');
my $copying = now_ms();
value('CREATE DATABASE plain TEMPLATE fresh');
$copying = now_ms() - $copying;
sub wake_fresh { value(q{SELECT triangle_query('wake') -> 'success'}, 'fresh') }
for my $command (
	'CREATE DATABASE copy TEMPLATE fresh', 'ALTER DATABASE fresh RENAME TO renamed',
	'ALTER DATABASE renamed RENAME TO fresh', 'DROP DATABASE copy', 'DROP DATABASE plain', 'DROP DATABASE fresh')
{
	wake_fresh() if $command =~ /TEMPLATE|fresh RENAME|DROP DATABASE fresh/;
	my $start = now_ms();
	value($command);
	cmp_ok(now_ms() - $start, '<', $copying + 1500, sprintf('%s with an idle router there: %.0f ms', $command, now_ms() - $start));
}
value('CREATE DATABASE forced');
value('CREATE EXTENSION byok', 'forced');
ByokTest::point_at_fake($node, 'forced');
value(q{SELECT triangle_query('wake')}, 'forced');
value('DROP DATABASE forced WITH (FORCE)');
Time::HiRes::sleep(2.5);
unlike(slurp_file($node->logfile), qr/FATAL:.*database .* does not exist.*FATAL:.*database .* does not exist/s, 'a dropped database leaves no restart loop');
is(value(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'byok router'}), 1, 'only the router of the other database is left');

# --- DROP EXTENSION
value('CREATE DATABASE dropped');
value('CREATE EXTENSION byok', 'dropped');
ByokTest::point_at_fake($node, 'dropped');
value(q{SELECT triangle_query('wake')}, 'dropped');
value('DROP EXTENSION byok', 'dropped');
ok(wait_until(5, sub { routers() == 1 }), 'the router leaves with its extension');
value('CREATE EXTENSION byok', 'dropped');
ByokTest::point_at_fake($node, 'dropped');
is(value(q{SELECT triangle_query('again') -> 'success'}, 'dropped'), 'true', 'and the extension made anew has another');
value('SELECT byok_stop_router()', 'dropped');

# --- no worker process is free: refused before anything is sent
{
	my @databases = map { "full$_" } 1 .. 4;
	for my $database (@databases)
	{
		value("CREATE DATABASE $database");
		value('CREATE EXTENSION byok', $database);
		ByokTest::point_at_fake($node, $database);
	}
	fake_control('rules', [ { delay_ms => 4000 } ]);
	my @busy = map {
		my $session = $node->background_psql($_, on_error_stop => 0);
		$session->{stdin} .= "SELECT triangle_query('busy');\n";
		$session->{run}->pump_nb;
		$session
	} @databases[ 0 .. 2 ];
	ok(wait_until(10, sub { $_->{run}->pump_nb for @busy; fake_get('stats')->{in_flight} == 9 }), 'three more routers are busy');
	my $before = requests();
	my ($code, $out, $err) = $node->psql($databases[3], qq{\\set VERBOSITY verbose\nSELECT triangle_query('one too many')});
	like($err, qr/53000.*could not start the router.*max_worker_processes/s, 'the fifth database gets 53000 and the cure');
	is(requests(), $before, 'and nothing is sent');
	wait_until(20, sub { fake_get('stats')->{in_flight} == 0 });
	eval { $_->quit } for @busy;
	fake_control('reset');
	value("DROP DATABASE $_") for @databases;
}

# --- its end in the middle of a call
fake_control('rules', [ { delay_ms => 3000, prompt => 'cut off' } ]);
sub cut_off
{
	my ($how, $signal) = @_;
	value(q{SELECT triangle_query('warm')});
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	$session->{stdin} .= "\\set VERBOSITY verbose\nSELECT triangle_query('cut off', '$how');\n\\echo done\n";
	$session->{run}->pump_nb;
	wait_until(10, sub { $session->{run}->pump_nb; fake_get('stats')->{in_flight} == 3 }) or die 'not sent';
	my $start = now_ms();
	kill $signal, router_pid();
	wait_until(10, sub { eval { $session->{run}->pump_nb }; $session->{stdout} =~ /done/ || $session->{stderr} =~ /ERROR|terminat/ });
	my $took = now_ms() - $start;
	my $said = $session->{stderr};
	eval { $session->quit };
	return ($said, $took);
}
my ($said, $took) = cut_off('terminated', 'TERM');
like($said, qr/53000.*router of pg_byok ended.*Request [0-9a-f-]{36}/s, 'the router is terminated: its caller gets a clear error with the request');
cmp_ok($took, '<', 1000, sprintf('at once: %.0f ms', $took));
is(value(q{SELECT state, charged_usd = 0 FROM triangle_requests WHERE user_id = 'terminated'}), 'unknown|t', 'the request is unknown and free');
is(value(q{SELECT count(*), bool_and(estimated), bool_and(cost_usd > 0) FROM platform_api_usage p JOIN triangle_requests r ON r.id = p.request_id WHERE r.user_id = 'terminated'}), '3|t|t', 'its calls are booked at their bounds');

($said, $took) = cut_off('killed', 'KILL');
ok(wait_until(20, sub { eval { value('SELECT 1') } }), 'kill -9 of the router: the server comes back');
ok(wait_until(10, sub { eval { routers() } }), 'and the router by itself');
is(value(q{SELECT state, charged_usd = 0 FROM triangle_requests WHERE user_id = 'killed'}), 'unknown|t', 'the request is unknown and free');
is(value(q{SELECT count(*) FROM key_usage_log WHERE user_id = 'killed' AND status = 'unknown'}), '3', 'with a usage row per call');
is(scalar(grep { $_->{prompt} eq 'cut off' } @{ fake_get('requests') }), 6, 'nothing was sent again');
fake_control('reset');

# --- one slow provider delays nobody else's answers
fake_control('rules', [ { provider => 'deepseek', delay_ms => 30000 } ]);
{
	my @slow = map { $node->background_psql('postgres', on_error_stop => 0) } 1 .. 10;
	$_->{stdin} .= "SELECT triangle_query('slow');\n" for @slow;
	$_->{run}->pump_nb for @slow;
	wait_until(10, sub { fake_get('stats')->{in_flight} >= 10 });
	my $start = now_ms();
	value(q{SELECT triangle_query('fast', options => '{"providers": ["openai", "anthropic"]}')}) for 1 .. 10;
	cmp_ok((now_ms() - $start) / 10, '<', 300, sprintf('ten others beside ten calls of 30 s: %.0f ms each, with the start of psql', (now_ms() - $start) / 10));
	for my $session (@slow) { kill 'INT', $session->{run}{KIDS}[0]{PID}; eval { $session->quit } }
}
fake_control('reset');

# --- 100 calls wait: others' commands do not
{
	value('CREATE DATABASE elsewhere');
	my @alone;
	for (1 .. 3) { my $start = now_ms(); value('DROP DATABASE elsewhere'); push @alone, now_ms() - $start; value('CREATE DATABASE elsewhere') }
	fake_control('rules', [ { no_answer => JSON::PP::true } ]);
	my $waiting = hundred_sessions(q{SELECT triangle_query('hang')});
	ok(wait_until(30, sub { fake_get('stats')->{in_flight} == 300 }), '100 queries wait for 300 calls');
	my @beside;
	for (1 .. 3) { my $start = now_ms(); value('DROP DATABASE elsewhere'); push @beside, now_ms() - $start; value('CREATE DATABASE elsewhere') }
	cmp_ok(median(@beside), '<=', median(@alone) + 100, sprintf('DROP DATABASE elsewhere: %.0f ms beside them, %.0f ms alone (median)', median(@beside), median(@alone)));
	my $beside = stop_beside($waiting);
	fake_control('reset');
	my $idle = hundred_sessions('SELECT pg_sleep(60)');
	ok(wait_until(30, sub { value(q{SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%'}) >= 100 }), '100 sessions sleep');
	my $alone = stop_beside($idle);
	cmp_ok($beside, '<=', $alone + 300, sprintf('pg_ctl stop -m fast: %.0f ms beside 100 waiting queries, %.0f ms beside 100 sleeping ones', $beside, $alone));
	fake_control('reset');
	value(q{SELECT triangle_query('recover')});
	is(value(q{SELECT count(*) FROM triangle_requests WHERE state = 'running'}), 0, 'after the restart no request is left running');
	is(value(q{SELECT count(*) FROM triangle_calls WHERE state = 'intent'}), 0, 'and no call');
}

# --- the queue: a restart resumes it with the next call, a prepared transaction is found, a foreign row is not sent
{
	value(q{BEGIN; SELECT triangle_submit('prepared', 'q_prepared'); PREPARE TRANSACTION 'p'});
	value(q{SELECT triangle_query('meanwhile')});
	is(value(q{SELECT count(*) FROM triangle_requests WHERE user_id = 'q_prepared'}), 0, 'a prepared submit does not run');
	value(q{COMMIT PREPARED 'p'});
	ok(wait_until(10, sub { value(q{SELECT state FROM triangle_requests WHERE user_id = 'q_prepared'}) eq 'succeeded' }), 'until it is committed');
	value(q{INSERT INTO triangle_requests (id, user_id, state, request, submitted_by, origin_sysid)
		VALUES (gen_random_uuid(), 'q_foreign', 'queued', '{"prompt": "foreign", "options": {}}', 'postgres', '12345')});
	my $broken = value(q{INSERT INTO triangle_requests (id, user_id, state, request, submitted_by, origin_sysid)
		SELECT gen_random_uuid(), 'q_broken', 'queued', '{"prompt": "broken", "options": {"timeout_ms": "soon"}}', 'postgres', system_identifier::text FROM pg_control_system() RETURNING id});
	value(q{SELECT triangle_submit('behind it', 'q_behind')});
	ok(wait_until(10, sub { value(q{SELECT state FROM triangle_requests WHERE user_id = 'q_behind'}) eq 'succeeded' }), 'a queued row that cannot be read does not hold up the one behind it');
	is(value(q{SELECT state FROM triangle_requests WHERE user_id = 'q_broken'}), 'failed', 'it fails');
	is(value(q{SELECT state FROM triangle_requests WHERE user_id = 'q_foreign'}), 'queued', 'a row queued on another server stays');
	is(scalar(grep { $_->{prompt} eq 'foreign' } @{ fake_get('requests') }), 0, 'and is not sent');
	value(q{DELETE FROM triangle_requests WHERE user_id = 'q_foreign'});
}

# --- a queued request that cannot be run fails alone, whatever stands around it: for what it says, and for what the
# database says
{
	value(q{
		CREATE FUNCTION refuse_calls() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
		BEGIN
		  IF (SELECT user_id FROM triangle_requests WHERE id = NEW.request_id) = 'q_refused' THEN RAISE 'not this one'; END IF;
		  RETURN NEW;
		END $$;
		CREATE TRIGGER refuse_calls BEFORE INSERT ON triangle_calls FOR EACH ROW EXECUTE FUNCTION refuse_calls()});
	value(q{BEGIN;
		SELECT triangle_submit('before', 'q_well');
		SELECT triangle_submit('nonsense', 'q_nonsense');
		SELECT triangle_submit('refused', 'q_refused');
		SELECT triangle_submit('after', 'q_well');
		UPDATE triangle_requests SET request = '"nonsense"' WHERE user_id = 'q_nonsense';
		COMMIT});
	ok(quiet(), 'what cannot be run is queued between what can');
	my $states = q{SELECT string_agg(concat_ws(' ', state, charged_usd = 0, error ->> 'sqlstate'), ', ') FROM triangle_requests WHERE user_id = };
	is(value("$states 'q_well'"), 'succeeded f, succeeded f', 'which is answered');
	is(value("$states 'q_nonsense'"), 'failed t 22023', 'a row without a prompt fails');
	is(value("$states 'q_refused'"), 'failed t XX000', 'and one whose calls the database does not take');
	value(q{DROP TRIGGER refuse_calls ON triangle_calls; DROP FUNCTION refuse_calls()});
}

# --- cancel of a running submitted request: sent calls are completed, a retry is not begun
{
	fake_control('rules', [ { prompt => 'stop me', provider => 'openai', status => 429, headers => { 'retry-after' => '20' } }, { prompt => 'stop me', delay_ms => 500 } ]);
	my $id = value(q{SELECT triangle_submit('stop me', 'q_stop')});
	wait_until(10, sub { value(qq{SELECT count(*) FROM triangle_calls WHERE request_id = '$id'}) == 3 && fake_get('stats')->{in_flight} == 2 });
	is(value(qq{SELECT triangle_cancel('$id')}), 't', 'a running request is cancelled');
	ok(wait_until(5, sub { value(qq{SELECT state FROM triangle_requests WHERE id = '$id'}) eq 'partial' }), 'what was sent is completed and billed');
	is(value(qq{SELECT count(*) FROM triangle_calls WHERE request_id = '$id'}), 3, 'the retry is not begun');
	fake_control('reset');
}

# --- idle
$node->append_conf('postgresql.conf', 'byok.router_idle_timeout = 1s');
$node->reload;
value(q{SELECT triangle_query('last')});
ok(wait_until(10, sub { routers() == 0 }), 'without work it leaves after byok.router_idle_timeout');
is(value(q{SELECT triangle_query('next') -> 'success'}), 'true', 'and the next call starts another');
{
	my $session = $node->background_psql('postgres');
	is($session->query(q{SELECT triangle_query('kept channel') -> 'success'}), 'true', 'a session that asked');
	ok(wait_until(10, sub { routers() == 0 }), 'sees its router leave');
	is($session->query(q{SELECT triangle_query('kept channel') -> 'success'}), 'true', 'and asks again as if nothing had been');
	$session->quit;
}

# --- preloaded: queued work resumes without a caller
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'byok'\nbyok.router_idle_timeout = 60s");
{
	# the row is there before the server starts: queued as submit does it, with no router to take it
	my $sysid = value('SELECT system_identifier FROM pg_control_system()');
	wait_until(10, sub { routers() == 0 });
	value(qq{INSERT INTO triangle_requests (id, user_id, state, request, submitted_by, origin_sysid)
		VALUES (gen_random_uuid(), 'q_resumed', 'queued', '{"prompt": "resumed", "options": {}}', 'postgres', '$sysid')});
	$node->restart;
	ok(wait_until(15, sub { value(q{SELECT state FROM triangle_requests WHERE user_id = 'q_resumed'}) eq 'succeeded' }), 'preloaded, a restart resumes the queue by itself');
}

# --- a standby refuses
$node->backup('base');
{
	my $standby = PostgreSQL::Test::Cluster->new('standby');
	$standby->init_from_backup($node, 'base', has_streaming => 1);
	$standby->start;
	my ($code, $out, $err) = $standby->psql('postgres', qq{\\set VERBOSITY sqlstate\nSELECT triangle_query('on a standby')});
	like($err, qr/25006/, 'a standby refuses with 25006');
	is($standby->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'byok router'}), 0, 'and runs no router');
	$standby->stop;
}
$node->stop;

# As many sessions that each run one statement.
sub hundred_sessions
{
	my ($sql) = @_;
	my $path = PostgreSQL::Test::Utils::tempdir() . '/statement.sql';
	unlink $path;
	PostgreSQL::Test::Utils::append_to_file($path, "$sql;\n");
	return IPC::Run::start([ $node->installed_command('pgbench'), '-n', '-c', 100, '-t', 1, '-f', $path, $node->connstr('postgres') ],
		'<', \undef, '>', '/dev/null', '2>', '/dev/null');
}

# How long a fast stop takes; the server is up again afterwards.
sub stop_beside
{
	my ($sessions) = @_;
	my $start = now_ms();
	$node->stop('fast');
	my $took = now_ms() - $start;
	$sessions->kill_kill(grace => 1);
	$node->start;
	return $took;
}

done_testing();
