# Whatever the caller does, and whoever is killed, every call that a provider answered is on the bill exactly once.
# BYOK_FAULT_SEED repeats a run: the same questions, faults and moments; BYOK_FAULT_ROUNDS and BYOK_FAULT_KILLS size it.
use strict;
use warnings FATAL => 'all';
use ByokClient;
use ByokTest;
use File::Basename qw(dirname);
use File::Spec ();
use JSON::PP ();
use POSIX ();
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes ();

my $seed = $ENV{BYOK_FAULT_SEED} // (time ^ ($$ << 8)) & 0x7fffffff;
my $round_count = $ENV{BYOK_FAULT_ROUNDS} // 900;
my $kill_count = $ENV{BYOK_FAULT_KILLS} // 21;
my $worker_count = 8;
my @providers = qw(openai anthropic deepseek);
srand $seed;
diag("BYOK_FAULT_SEED=$seed");

sub up_to { my ($least, $most) = @_; return $least + int rand($most - $least + 1) }
sub one_of { return $_[ rand @_ ] }

# One of the names, each as likely as its weight.
sub draw
{
	my @weights = @_;
	my $total = 0;
	$total += $weights[ 2 * $_ + 1 ] for 0 .. $#weights / 2;
	my $left = rand $total;
	while (($left -= $weights[1]) >= 0) { splice @weights, 0, 2 }
	return $weights[0];
}

start_fake_provider();
my $node = start_server('faults', conf => "restart_after_crash = on\nmax_connections = 60\nlog_min_messages = info\n");
my $files = File::Spec->rel2abs(PostgreSQL::Test::Utils::tempdir());
my $zero = Time::HiRes::time();
sub took { my $now = Time::HiRes::time(); my $took = $now - $zero; $zero = $now; return sprintf '%.0f s', $took }

sub sql { return $node->safe_psql('postgres', $_[0]) }

sql(slurp_file(dirname(__FILE__) . '/bill.sql'));
# a tenant with keys of its own: its calls cost the platform nothing, unless it moves to the platform's key
sql(qq{SELECT store_key('$_', 'sk-test-tenant-$_-0000', 'tenant', 'acme')}) for qw(openai anthropic);

# --- questions --------------------------------------------------------------------------------------------------------

# What the provider does to one question.
my %behaviours = (
	fast => sub { () },
	slow => sub { { delay_ms => up_to(10, 80) } },
	limited => sub { { status => 429, times => 1, headers => { 'retry-after-ms' => '' . up_to(1, 60) } } },
	failing => sub { { status => 500, times => up_to(1, 2), headers => { 'retry-after-ms' => '' . up_to(1, 60) } } },
	reset => sub { { reset => JSON::PP::true, delay_ms => up_to(0, 40) } },
	cut => sub { { cut_after_bytes => up_to(1, 60), delay_ms => up_to(0, 40) } },
	garbage => sub { { body => '<html>Bad day</html>', delay_ms => up_to(0, 40) } });

my @garbage;

sub rules_for
{
	my ($who) = @_;
	my @rules;
	for my $provider (@providers)
	{
		my $behaviour = draw(fast => 20, slow => 50, limited => 9, failing => 4, reset => 6, cut => 6, garbage => 5);
		push @garbage, "('$who', '$provider')" if $behaviour eq 'garbage';
		push @rules, map { { prompt_contains => "$who: ", provider => $provider, %$_ } } $behaviours{$behaviour}->();
		push @rules, { prompt_contains => "$who: ", provider => $provider, delay_ms => up_to(5, 60) } if $behaviour =~ /limited|failing/;
	}
	return @rules;
}

# A statement that asks, in a form that says "told N" for N results, or "queued ID".
sub statement
{
	my ($ask, $who, $tail) = @_;
	my $question = "'$who: what now', '$who', $tail";
	return "SELECT 'told ' || (triangle_query($question) ->> 'success')::boolean::integer" if $ask eq 'query';
	return "SELECT 'queued ' || triangle_submit($question)" if $ask eq 'submit';
	return "CALL triangle_ask($question)" if $ask eq 'call';
	return "SELECT 'told ' || count(*) FILTER (WHERE (result ->> 'success')::boolean) FROM triangle_map("
	  . "\$m\$ SELECT i, '$who: row ' || i FROM generate_series(1, 3) i \$m\$, '$who', $tail, 2)";
}

sub requests_of { return $_[0] eq 'map' ? 3 : 1 }

my %wrapping = (
	none => sub { ("$_[0];") },
	rollback => sub { ('BEGIN;', "$_[0];", $_[1], 'ROLLBACK;') },
	savepoint => sub { ('BEGIN;', 'SAVEPOINT here;', "$_[0];", 'ROLLBACK TO here;', $_[1], 'COMMIT;') },
	function => sub { ("SELECT undone(\$u\$ $_[0] \$u\$);") });

# The statement in its transaction; where the client has its result, it looks for the bill at once.
sub script
{
	my ($round) = @_;
	my $who = $round->{who};
	my $billed = "SELECT 'billed ' || count(*) FROM triangle_requests WHERE user_id = '$who' AND state IN ('succeeded', 'partial');";
	my @lines = $wrapping{ $round->{wrap} }->(statement($round->{ask}, $who, $round->{tail}), $billed);
	push @lines, "SELECT 'told ' || (triangle_result(id, '10 s') ->> 'success')::boolean::integer FROM triangle_requests WHERE user_id = '$who';"
	  if $round->{ask} eq 'submit';
	unshift @lines, "SET statement_timeout = $round->{moment};" if $round->{fault} eq 'timeout';
	unshift @lines, "SET client_connection_check_interval = $round->{check_interval};";
	return join "\n", @lines, 'RESET statement_timeout;', $billed, "\\echo end $who", '';
}

sub random_round
{
	my ($who) = @_;
	my $ask = draw(query => 48, map => 14, submit => 24, call => 14);
	my $wrap = $ask eq 'call' ? 'none' : draw(none => 46, rollback => 18, savepoint => 18, function => 18);
	my $withdraw = $ask eq 'submit' && $wrap eq 'none' ? 80 : 0;
	return {
		who => $who, ask => $ask, wrap => $wrap,
		fault => draw(none => 8, cancel => 18, terminate => 14, disconnect => 14, timeout => 20, withdraw => $withdraw, stop => 6, end_router => 5),
		moment => draw(early => 1, late => 2) eq 'early' ? up_to(1, 15) : up_to(5, 90),
		check_interval => one_of(0, 5),
		tail => draw("NULL, '{}'" => 5, "'acme', '{}'" => 3, qq('acme', '{"allow_platform_keys": "any_failure"}') => 2) };
}

# --- faults of clients ------------------------------------------------------------------------------------------------

# pg_cancel_backend() and pg_terminate_backend() are these signals; sent from here they come at the moment they are to.
my %strike = (
	cancel => sub { kill 'INT', $_[1]->{client}->{backend} },
	terminate => sub { kill 'TERM', $_[1]->{client}->{backend} },
	disconnect => sub { $_[1]->{client}->hurt },
	withdraw => sub { $_[1]->{control}->send("SELECT triangle_cancel(id) FROM triangle_requests WHERE user_id = '$_[0]->{who}';\n") },
	stop => sub { $_[1]->{control}->send("SET statement_timeout = '5 s';\nSELECT 'stopped ' || byok_stop_router();\nRESET statement_timeout;\n") },
	end_router => sub {
		$_[1]->{control}->send(q{WITH router AS MATERIALIZED (SELECT * FROM byok_router), noted AS (INSERT INTO ended SELECT generation FROM router)
			SELECT 'ended ' || pg_terminate_backend(pid) FROM router;} . "\n");
	});

sub client_of
{
	my ($worker, $name) = @_;
	$worker->{$name} //= ByokClient->start($node);
	return $worker->{$name} if defined $worker->{$name}->{backend} || $worker->{$name}->ready;
	die "no session: $worker->{$name}->{out}";
}

# One question and its fault; what came of it.
sub play
{
	my ($round, $worker) = @_;
	my ($client, $control) = map { client_of($worker, $_) } qw(client control);
	$_->take for $client, $control;
	my $end = qr/^end $round->{who}$/m;
	$client->send(script($round));
	my $strike = $strike{ $round->{fault} };
	my $hit = $round->{fault} eq 'timeout' || ($strike && !$client->wait_for($end, $round->{moment} / 1000));
	$strike->($round, $worker) if $strike && $hit;
	$control->send("\\echo control $round->{who}\n");
	my $ended = $client->wait_for($end, 30);
	my $hung = !$ended && !$client->{over};
	my $controlled = $control->wait_for(qr/^control $round->{who}$/m, 30);
	my ($said, $control_said) = ($client->take, $control->take);
	if (!$ended)
	{
		$client->stop;
		delete $worker->{client};
	}
	return { who => $round->{who}, hit => $hit ? 1 : 0, hung => $hung || !$controlled ? 1 : 0, said => $said, control => $control_said };
}

# A process that plays some rounds one after another and writes down what came of them.
sub start_worker
{
	my ($file, @rounds) = @_;
	my $pid = fork // die "fork: $!";
	return $pid if $pid;
	my $worker = {};
	my $good = eval {
		open my $log, '>', $file or die "$file: $!";
		print {$log} JSON::PP::encode_json(play($_, $worker)), "\n" for @rounds;
		close $log or die "$file: $!";
		$worker->{$_} && $worker->{$_}->stop for qw(client control);
		1;
	};
	print STDERR $@ unless $good;
	POSIX::_exit($good ? 0 : 1);  # what ends a test is not for its children
}

# What the client saw, as a row of `expected`.
sub expectation
{
	my ($who, $ask, $wrap, $said) = @_;
	my $told = 0;
	$told += $_ for $said =~ /^told (\d+)$/mg;
	$told += () = $said =~ /"success": true/g;
	my $kept = $ask eq 'submit' && $wrap eq 'none' && $said =~ /^queued \S{36}$/m;
	my $undone = $ask eq 'submit' && $wrap ne 'none';
	return sprintf q{('%s', %d, %d, %s, %s)}, $who, requests_of($ask), $told, map { $_ ? 'true' : 'false' } $kept, $undone;
}

sub expect_rows { my (@rows) = @_; sql('INSERT INTO expected VALUES ' . join(', ', @rows)) if @rows; return }

# --- the bill ---------------------------------------------------------------------------------------------------------

my $wakes = 0;

# The next call has a router, also right after a crash; what waited in the queue is asked, what was lost is recorded.
sub router_is_there
{
	my ($name) = @_;
	my $who = 'wake' . ++$wakes;
	my ($code, $out, $error) = $node->psql('postgres',
		qq{SELECT triangle_query('$who: who is there', '$who') ->> 'success'; SELECT count(*) FROM byok_router});
	expect_rows("('$who', 1, 1, false, false)");
	return is("$out $error", "true\n1 ", "$name: the next call is answered, and there is a router");
}

# Waits until nobody works any more, and takes over what the providers saw.
sub settle
{
	my ($name) = @_;
	ok(wait_until(40, sub { sql(q{SELECT count(*) FROM triangle_requests WHERE state IN ('queued', 'running')}) == 0 && fake_get('stats')->{in_flight} == 0 }),
		"$name: everything comes to its end");
	my $file = "$files/journal.json";
	system_or_bail('curl', '-sS', '--fail', '-o', $file, "http://127.0.0.1:$ByokTest::fake_http/_control/requests");
	sql(qq{INSERT INTO journal SELECT split_part(e ->> 'prompt', ':', 1), e ->> 'provider', (e ->> 'status')::integer, e ->> 'outcome'
		FROM jsonb_array_elements(pg_read_file('$file')::jsonb) e});
	fake_control('reset');
	return;
}

sub counts
{
	return sql(q{SELECT format('%s answered by providers, %s of them settled, %s calls unknown (%s answered)',
		(SELECT sum(answered) FROM seen), (SELECT count(*) FROM calls WHERE state = 'answered'), (SELECT count(*) FROM calls WHERE state = 'unknown'),
		(SELECT sum(answered) FROM seen) - (SELECT count(*) FROM calls WHERE state = 'answered'))
		|| '; ' || (SELECT string_agg(n || ' ' || state, ', ' ORDER BY state) FROM (SELECT state, count(*) AS n FROM triangle_requests GROUP BY state) s)});
}

sub bill_is_right
{
	my ($name) = @_;
	my $wrong = sql(q{ANALYZE; SELECT rule || ': ' || what FROM violations
		UNION ALL SELECT concat_ws(' ', invariant, subject, detail) FROM billing_invariants()
		UNION ALL SELECT concat_ws(' ', 'chain', chain_no, problem) FROM verify_ledger_chain() LIMIT 30});
	return is($wrong, '', "$name: the bill is right: " . counts());
}

# a triangle_map whose router leaves between two rows goes on with the next one
is( sql(q{SELECT string_agg(id || ' ' || (result ->> 'success'), ', ') FROM triangle_map($$
	SELECT i, 'map: ' || CASE i WHEN 2 THEN byok_stop_router() ELSE i END FROM generate_series(1, 4) i $$, 'map', NULL, '{}', 1)}),
	'1 true, 2 true, 3 true, 4 true', 'triangle_map outlives its router');
expect_rows(q{('map', 4, 4, false, false)});

# --- A: clients -------------------------------------------------------------------------------------------------------

my @rounds = map { random_round("f$_") } 1 .. $round_count;
my %round_of = map { $_->{who} => $_ } @rounds;
fake_control('rules', [ map { rules_for($_->{who}) } @rounds ]);
sql('INSERT INTO garbage VALUES ' . join ', ', @garbage) if @garbage;
sql(q{SELECT triangle_query('wake0: hello', 'wake0')});
expect_rows(q{('wake0', 1, 1, false, false)});

my %worker_of = map {
	my $n = $_;
	start_worker("$files/worker$n", map { $rounds[$_] } grep { $_ % $worker_count == $n } 0 .. $#rounds) => $n
} 0 .. $worker_count - 1;
my @lost = grep { waitpid $_, 0; $? != 0 } sort keys %worker_of;
is("@lost", '', 'all workers played their rounds to the end');

my @played = map { JSON::PP::decode_json($_) } map { split /\n/, slurp_file("$files/worker$_") } 0 .. $worker_count - 1;
is(scalar @played, scalar @rounds, "$round_count rounds are played, in " . took());
is(join(' ', map { $_->{who} } grep { $_->{hung} } @played), '', 'no client and no router hangs');
my %faults;
++$faults{ $round_of{ $_->{who} }->{fault} } for grep { $_->{hit} } @played;
++$faults{'undone work'} for grep { $_->{wrap} ne 'none' } @rounds;
my $struck = grep { $_->{hit} || $round_of{ $_->{who} }->{wrap} ne 'none' } @played;
cmp_ok($struck, '>=', $round_count / 2,
	"$struck rounds had a fault while they ran: " . join(', ', map { "$faults{$_} $_" } sort keys %faults));
my @late = grep {
	my ($told, $billed) = map { my $sum = 0; $sum += $_ for @$_; $sum } [ $_->{said} =~ /^told (\d+)$/mg ], [ ($_->{said} =~ /^billed (\d+)$/mg)[0] // 99 ];
	$told > $billed;
} @played;
is(join(' ', map { $_->{who} } @late), '', 'who has a result finds its bill already written');
my ($stops, $stopped) = map { my $what = $_; scalar grep { $_->{control} =~ $what } @played } qr/^stopped|57014/m, qr/^stopped/m;
is($stopped, $stops, "byok_stop_router() came to its end every time, under load");

expect_rows(map { expectation($_->{who}, @{ $round_of{ $_->{who} } }{qw(ask wrap)}, $_->{said}) } @played);
router_is_there('after the clients');
settle('after the clients');
my $right = bill_is_right('after the clients');
is( sql(q{SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM triangle_calls WHERE state IN ('answered', 'failed_unbilled', 'unknown')}),
	'answered failed_unbilled unknown', 'calls of every kind were among them');
cmp_ok(sql(q{SELECT count(*) FROM expected WHERE told > 0}), '>', 30, 'many a client had its result before the fault');

# --- the checker itself -----------------------------------------------------------------------------------------------

SKIP: {
	skip 'the bill is wrong already', 1 if !$right;
	my $request = sql(q{SELECT r.id FROM triangle_requests r JOIN triangle_calls c ON c.request_id = r.id WHERE r.state = 'succeeded' AND r.charged_usd > 0
		AND r.user_id LIKE 'wake%' GROUP BY r.id HAVING bool_and(c.key_source = 'system_key' AND c.state = 'answered') ORDER BY r.id LIMIT 1});
	my $one = "request_id = '$request' AND provider = 'openai'";
	my $who = "(SELECT user_id FROM triangle_requests WHERE id = '$request')";
	my $again = "pg_catalog.gen_random_uuid()";
	my @damages = (
		[ "DELETE FROM key_usage_log WHERE $one", 'a call has not one usage row' ],
		[ "INSERT INTO key_usage_log (request_id, user_id, provider, model, key_source, status, cost_usd, charge_usd)
		   SELECT request_id, user_id, provider, model, key_source, status, cost_usd, charge_usd FROM key_usage_log WHERE $one", 'a call has not one usage row' ],
		[ "UPDATE key_usage_log SET charge_usd = charge_usd + 0.000000000001 WHERE $one", 'a usage row differs from its call' ],
		[ "INSERT INTO key_usage_log (request_id, user_id, provider, key_source) SELECT $again, 'x', 'openai', 'system_key'", 'a usage row differs from its call' ],
		[ "UPDATE triangle_calls SET charge_usd = charge_usd + 0.000000000001 WHERE $one", 'a usage row differs from its call|the charges of the calls are not the charge' ],
		[ "UPDATE triangle_requests SET charged_usd = charged_usd + 0.000000000001 WHERE id = '$request'",
			'the charges of the calls are not the charge|the ledger has not one row for a charge' ],
		[ "DELETE FROM platform_api_usage WHERE $one", 'a platform call has not one row, or another one has' ],
		[ "INSERT INTO platform_api_usage (request_id, provider, model, input_tokens, output_tokens, cost_usd)
		   SELECT request_id, provider, model, input_tokens, output_tokens, cost_usd FROM platform_api_usage WHERE $one", 'a platform call has not one row, or another one has' ],
		[ "UPDATE platform_api_usage SET cost_usd = cost_usd * 2 WHERE $one", 'a platform row differs from its call' ],
		[ "DELETE FROM credit_transactions WHERE request_id = '$request'", 'the ledger has not one row for a charge' ],
		[ "UPDATE credit_transactions SET amount_usd = amount_usd * 2 WHERE request_id = '$request'", 'the ledger has not one row for a charge' ],
		[ "DROP INDEX credit_transactions_one_charge; INSERT INTO credit_transactions (request_id, user_id, amount_cents, type, amount_usd)
		   SELECT request_id, user_id, amount_cents, type, 0 FROM credit_transactions WHERE request_id = '$request'", 'the ledger has not one row for a charge' ],
		[ "INSERT INTO credit_transactions (request_id, user_id, amount_cents, type, amount_usd) SELECT $again, 'x', 0, 'triangle_query', 0", 'the ledger has a row of no request' ],
		[ "UPDATE triangle_requests SET state = 'running' WHERE id = '$request'", 'a request is open|a result was told and is not on the bill' ],
		[ "UPDATE triangle_requests SET finished_at = NULL WHERE id = '$request'", 'a request ended without a charge or a time' ],
		[ "UPDATE triangle_calls SET state = 'intent' WHERE $one",
			'a call is left as an intent|a platform call has not one row, or another one has|a usage row differs from its call|an answer is not on the bill' ],
		[ "INSERT INTO journal VALUES ($who, 'openai', 200, 'answered')", 'a call was sent without an intent|an answer is not on the bill' ],
		[ "INSERT INTO journal VALUES ($who, 'openai', 429, 'answered')", 'a call was sent without an intent' ],
		[ "DELETE FROM journal WHERE who = $who AND provider = 'openai'", 'the bill has an answer that nobody gave' ],
		[ "INSERT INTO triangle_calls (request_id, provider, attempt, state, key_source, charge_usd) SELECT '$request', 'openai', 2, 'answered', 'tenant_byok', 0",
			'a call has not one usage row|a provider answered one request twice|the bill has an answer that nobody gave' ],
		[ "UPDATE triangle_calls SET cost_usd = 0 WHERE (request_id, provider, attempt) = (SELECT request_id, provider, attempt FROM triangle_calls WHERE state = 'unknown' AND key_source = 'tenant_byok' LIMIT 1)",
			'a usage row differs from its call|an unknown call is charged, or not at its bound' ],
		[ "UPDATE key_usage_log SET error = 'cancelled' WHERE id = (SELECT min(u.id) FROM key_usage_log u JOIN calls c USING (request_id, provider, purpose, attempt)
		   WHERE c.state = 'unknown' AND c.router_generation NOT IN (SELECT generation FROM ended))", 'a call is unknown without a reason' ],
		[ "DELETE FROM journal WHERE outcome = 'cut'", 'a call is unknown without a reason' ],
		[ "UPDATE expected SET told = 2 WHERE who = $who", 'a result was told and is not on the bill' ],
		[ "UPDATE expected SET requests = 0 WHERE who = $who", 'a query made too many requests' ],
		[ "INSERT INTO expected VALUES ('nobody', 1, 0, true, false)", 'a submitted request is lost' ],
		[ "UPDATE expected SET undone = true WHERE who = $who", 'an undone submit was asked' ]);
	for my $damage (@damages)
	{
		my ($statement, $rules) = @$damage;
		my $damaging = join '', map { "ALTER TABLE $_ DISABLE TRIGGER append_only; " } qw(key_usage_log platform_api_usage credit_transactions);
		my $found = sql("BEGIN; $damaging$statement; SELECT string_agg(DISTINCT rule, '|' ORDER BY rule) FROM violations; ROLLBACK");
		is($found, $rules, 'noticed: ' . ($statement =~ s/\s+/ /gr =~ s/'[-0-9a-f]{36}'/…/gr));
	}
	my %rules = map { $_ => 1 } map { split /\|/, $_->[1] } @damages;
	my %known = map { $_ => 1 } slurp_file(dirname(__FILE__) . '/bill.sql') =~ /^  SELECT '(an? [^']+|the [^']+)'/mg;
	is_deeply([ sort keys %rules ], [ sort keys %known ], 'every rule of the checker was seen to fail');
	bill_is_right('after its checks, all undone');
}
unlike(slurp_file($node->logfile), qr/Too many databases have one/, 'a caller that was ended while it started a router keeps nobody from it');
diag('part A took ' . took());

# --- B: kill -9 -------------------------------------------------------------------------------------------------------

# Questions without end for one client.
sub torrent
{
	my ($name, $asks) = @_;
	my $script = '';
	for my $n (1 .. 60)
	{
		my ($who, $ask) = ("${name}q$n", draw(query => 65, submit => 20, map => 15));
		$asks->{$who} = $ask;
		$script .= statement($ask, $who, one_of("NULL, '{}'", "'acme', '{}'")) =~ s/^SELECT '/SELECT '$who /r . ";\n";
	}
	return $script;
}

sub processes { return split /\n/, sql(q{SELECT pid FROM pg_stat_activity}) }

sub start_again
{
	my (@processes) = @_;
	wait_until(20, sub { !grep { kill 0, $_ } @processes });
	return wait_until(20, sub { $node->start(fail_ok => 1) });
}

my %kill = (
	router => sub { kill 'KILL', $_[0] },
	backend => sub { kill 'KILL', one_of(@{ $_[1] })->{backend} },
	postmaster => sub { $node->kill9 });
my @victims = map { (sort keys %kill)[ $_ % 3 ] } 0 .. $kill_count - 1;
@victims = map { splice @victims, rand @victims, 1 } 1 .. @victims;

for my $n (1 .. @victims)
{
	my ($victim, $client_count, $moment) = ($victims[ $n - 1 ], up_to(4, 8), up_to(0, 350));
	my $name = sprintf 'kill %d, of a %s, %d clients, %d ms', $n, $victim, $client_count, $moment;
	fake_control('rules', [
			(map { { prompt_contains => 'q', provider => $_, status => 429, times => up_to(0, 12) + 1, headers => { 'retry-after-ms' => '30' } } } @providers),
			map { { prompt_contains => 'q', provider => $_, delay_ms => up_to(5, 80) } } @providers ]);
	my ($generation, $router) = split /\|/, sql('SELECT generation, pid FROM byok_router');
	my (%asks, @clients);
	push @clients, ByokClient->start($node) for 1 .. $client_count;
	$_->ready or die "no session: $_->{out}" for @clients;
	my @processes = processes();
	$clients[ $_ - 1 ]->send(torrent("k${n}c$_", \%asks)) for 1 .. $client_count;
	Time::HiRes::sleep($moment / 1000);
	$kill{$victim}->($router, \@clients);

	my @stuck = grep { !$_->drain(30) } @clients;
	is(scalar @stuck, 0, "$name: every client is told");
	my $said = join '', map { $_->take } @clients;
	$_->stop for @clients;
	my $back = ok($victim eq 'postmaster' ? start_again(@processes) : wait_until(30, sub { ($node->psql('postgres', 'SELECT 1', stderr => \my $error))[0] == 0 }),
		"$name: the server is back");
	last if !$back;
	expect_rows(map { my $who = $_; expectation($who, $asks{$who}, 'none', join "\n", $said =~ /^$who (.+)$/mg) } sort keys %asks);
	router_is_there($name);
	sql("INSERT INTO ended SELECT generate_series($generation, (SELECT max(generation) - 1 FROM byok_router))");
	settle($name);
	bill_is_right($name);
}
cmp_ok(sql(q{SELECT count(*) FROM triangle_requests WHERE error ->> 'message' LIKE 'the outcome of request%'}), '>=', $kill_count,
	'the kills hit requests in the midst of their calls');
ok(!$node->log_contains(qr/PANIC: |TRAP: |terminated by signal (?!9:)/), 'and nothing else crashed');
diag('part B took ' . took());

done_testing();
