# A backend that waits for a provider obeys at once: cancel, terminate, statement_timeout, a dead client, barriers.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use PostgreSQL::Test::Utils;
use Test::More;

start_fake_provider();
my $node = start_server('cancel');

# Provider behaviours a call can hang in: no answer at all, and a body that drips.
my %phases = (
	'waiting for the answer' => { no_answer => JSON::PP::true },
	'receiving a slow body' => { drip_ms => 100, chunk_size => 1 });

# Starts a query in the background; returns once it is inside the provider call.
sub start_query
{
	my ($sql) = @_;
	my $before = fake_get('stats')->{requests};
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	$session->{stdin} .= "\\set VERBOSITY sqlstate\nSELECT pg_backend_pid();\n";
	$session->{run}->pump until $session->{stdout} =~ /(\d+)\n/;
	my $pid = $1;
	$session->{stdin} .= "$sql;\n\\echo done\n";
	$session->{run}->pump_nb;
	wait_until(20, sub { $session->{run}->pump_nb; fake_get('stats')->{requests} >= $before + 3 })
	  or die 'the query did not reach the providers';
	return ($session, $pid);
}

sub median { my @sorted = sort { $a <=> $b } @_; return $sorted[ @sorted / 2 ] }

for my $phase (sort keys %phases)
{
	fake_control('rules', [ $phases{$phase} ]);
	my @latencies;
	for my $round (1 .. 5)
	{
		my ($session, $pid) = start_query(q{SELECT triangle_query('hang')});
		my $start = now_ms();
		kill 'INT', $pid;
		wait_until(5, sub { $session->{run}->pump_nb; $session->{stdout} =~ /done/ });
		push @latencies, now_ms() - $start;
		like($session->{stderr}, qr/ERROR:\s+57014/, "cancel while $phase is 57014") if $round == 1;
		$session->quit;
	}
	cmp_ok(median(@latencies), '<=', 100, sprintf('cancel while %s: median %.1f ms, all %s', $phase, median(@latencies), join ' ', map { sprintf '%.1f', $_ } @latencies));
}

# statement_timeout
fake_control('rules', [ { no_answer => JSON::PP::true } ]);
{
	my $start = now_ms();
	my ($code, $out, $err) = $node->psql('postgres', q{
		\set VERBOSITY sqlstate
		SET statement_timeout = '300ms';
		SELECT triangle_query('hang');});
	my $took = now_ms() - $start;
	like($err, qr/57014/, 'statement_timeout raises 57014');
	cmp_ok($took, '<', 300 + 400, sprintf('and in time: %.0f ms with start of psql', $took));
}

# pg_terminate_backend
{
	my ($session, $pid) = start_query(q{SELECT triangle_query('hang')});
	my $start = now_ms();
	kill 'TERM', $pid;
	ok(wait_until(5, sub { $session->{run}->pump_nb; !kill(0, $pid) }), 'a terminated backend goes away');
	cmp_ok(now_ms() - $start, '<=', 150, 'and at once');
	eval { $session->quit };
}

# what was sent is not thrown away: it is paid for, so its usage is to be known
cmp_ok(fake_get('stats')->{in_flight}, '>=', 3, 'calls that were sent go on without their caller');
fake_control('rules', [ { delay_ms => 500 } ]);
{
	my ($session, $pid) = start_query(q{SELECT triangle_query('paid', 'gone')});
	kill 'INT', $pid;
	ok(wait_until(5, sub { $node->safe_psql('postgres', q{SELECT count(*) FROM key_usage_log WHERE user_id = 'gone' AND status = 'ok'}) == 3 }),
		'and are billed when they end');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM credit_transactions WHERE user_id = 'gone'}), 1, 'once');
	eval { $session->quit };
}

# byok.cancel_policy = charge_input: what was sent is ended, and its input is paid for
$node->safe_psql('postgres', q{SELECT byok_version(); ALTER SYSTEM SET byok.cancel_policy = 'charge_input'; SELECT pg_reload_conf()});
ok(wait_until(5, sub { $node->safe_psql('postgres', q{SELECT byok_version(); SHOW byok.cancel_policy}) =~ /charge_input/ }), 'the setting is read');
fake_control('rules', [ { no_answer => JSON::PP::true } ]);
{
	my ($session, $pid) = start_query(q{SELECT triangle_query(repeat('pay for the input ', 100), 'hasty')});
	my $start = now_ms();
	kill 'INT', $pid;
	ok(wait_until(5, sub { $node->safe_psql('postgres', q{SELECT count(*) FROM key_usage_log WHERE user_id = 'hasty' AND status = 'unknown' AND error = 'cancelled'}) == 3 }),
		sprintf('under charge_input calls end with their caller: after %.0f ms', now_ms() - $start));
	is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT concat_ws(' ', charge_usd = input_tokens * ((unit_prices ->> 'input')::numeric / 1000000) * (unit_prices ->> 'markup')::numeric,
			charge_usd > 0, input_tokens BETWEEN 450 AND 550, output_tokens, estimated), ', ') FROM key_usage_log WHERE user_id = 'hasty'}),
		't t t 0 t', 'charged is the input, from its own row');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM credit_transactions WHERE user_id = 'hasty'}), 1, 'once');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM billing_invariants()}), 0, 'and the invariants hold');
	eval { $session->quit };
}
$node->safe_psql('postgres', q{SELECT byok_version(); ALTER SYSTEM RESET byok.cancel_policy; SELECT pg_reload_conf()});

# a backend works on after a cancel
fake_control('reset');
is( $node->safe_psql('postgres', q{SELECT triangle_query('and again') -> 'success'}), 'true', 'queries work after all that');

# DROP DATABASE elsewhere needs every backend to pass a barrier: a waiting call must not hold it up.
{
	$node->safe_psql('postgres', 'CREATE DATABASE elsewhere');
	my $base = now_ms();
	$node->safe_psql('postgres', 'DROP DATABASE elsewhere');
	my $alone = now_ms() - $base;
	$node->safe_psql('postgres', 'CREATE DATABASE elsewhere');
	fake_control('rules', [ { no_answer => JSON::PP::true } ]);
	my ($session, $pid) = start_query(q{SELECT triangle_query('hang')});
	$base = now_ms();
	$node->safe_psql('postgres', 'DROP DATABASE elsewhere');
	my $beside = now_ms() - $base;
	cmp_ok($beside, '<', $alone + 500, sprintf('DROP DATABASE elsewhere: %.0f ms beside a waiting call, %.0f ms alone', $beside, $alone));
	kill 'INT', $pid;
	eval { $session->quit };
}

# fast shutdown with a call in flight
{
	my ($session, $pid) = start_query(q{SELECT triangle_query('hang')});
	my $start = now_ms();
	$node->stop('fast');
	cmp_ok(now_ms() - $start, '<', 2000, 'pg_ctl stop -m fast does not wait for the provider');
	eval { $session->quit };
}

done_testing();
