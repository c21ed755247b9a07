# Prices and rules under concurrency: two writers of one model wait for each other, at every isolation level; an import
# of thousands of models; a query keeps the prices it began with.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use PostgreSQL::Test::Utils;
use Test::More;

start_fake_provider();
my $node = start_server('prices');

my $insert = q{INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', '%s', 1, 2);};
my $rule = q{INSERT INTO pricing_rules (owner_kind, owner_id, markup) VALUES ('tenant', '%s', 2);};

sub session
{
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	run_in($session, '\set VERBOSITY sqlstate');
	return $session;
}

# Runs statements to their end, errors included; returns what was printed since, errors too.
sub run_in
{
	my ($session, $sql) = @_;
	begin_in($session, $sql);
	wait_until(20, sub { is_done($session) }) or die "no end of: $sql";
	my $said = $session->{stdout} . $session->{stderr};
	$session->{stdout} = $session->{stderr} = '';
	return $said;
}

# Every batch ends with a mark of its own, so that none is taken for the end of another.
my $batches = 0;

sub begin_in
{
	my ($session, $sql) = @_;
	$session->{mark} = 'end of batch ' . ++$batches;
	$session->{stdin} .= "$sql\n\\echo '$session->{mark}'\n\\warn '$session->{mark}'\n";
	$session->{run}->pump_nb;
	return;
}

# Errors come by another pipe than rows: both must have come to their end.
sub is_done
{
	my ($session) = @_;
	$session->{run}->pump_nb;
	return 2 == grep { $session->{$_} =~ /^(?:psql:\S+ )?$session->{mark}$/m } qw(stdout stderr);
}

sub waits_for_advisory_lock
{
	return $node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'}) == 1;
}

my ($first, $second) = (session(), session());
for my $level ('READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE')
{
	for my $kind ([ 'price', $insert ], [ 'rule', $rule ])
	{
		my ($what, $statement) = @$kind;
		my $sql = sprintf $statement, "m $level";
		run_in($first, "BEGIN; $sql");
		# the second one's snapshot is older than what the first commits
		run_in($second, "BEGIN ISOLATION LEVEL $level; SELECT count(*) FROM model_prices;");
		begin_in($second, $sql);
		ok(wait_until(10, \&waits_for_advisory_lock), "$level: the second writer of a $what waits");
		run_in($first, 'COMMIT;');
		ok(wait_until(10, sub { is_done($second) }), "$level: until the first one commits");
		like(run_in($second, 'ROLLBACK;'), qr/ERROR:\s+23P01/, "$level: and is refused");
	}
}

# a writer that gives up lets the other one through; another model never waits
run_in($first, 'BEGIN; ' . sprintf $insert, 'given up');
unlike(run_in($second, sprintf $insert, 'another'), qr/ERROR/, 'another model does not wait');
begin_in($second, sprintf $insert, 'given up');
ok(wait_until(10, \&waits_for_advisory_lock), 'the same one does');
run_in($first, 'ROLLBACK;');
ok(wait_until(10, sub { is_done($second) }), 'until the first one gives up');
unlike(run_in($second, 'SELECT 1;'), qr/ERROR/, 'and is accepted');
$_->quit for $first, $second;
is($node->safe_psql('postgres', q{SELECT count(*) FROM model_prices a JOIN model_prices b USING (provider, model)
	WHERE a.id < b.id AND NOT a.builtin AND NOT b.builtin AND a.effective && b.effective}), '0', 'no two prices hold at once');

# a file of thousands of models, then the same with every price moved
my $file = q{(SELECT jsonb_object_agg('bulk-' || i, jsonb_build_object('litellm_provider', 'openai', 'mode', 'chat',
	'input_cost_per_token', (0.000001 * i * %s)::numeric(12,8), 'output_cost_per_token', (0.000002 * i)::numeric(12,8),
	'input_cost_per_token_above_200k_tokens', (0.000003 * i)::numeric(12,8))) FROM generate_series(1, 3000) i)};
for my $import ([ 1, 'insert|3000' ], [ 1, 'unchanged|3000' ], [ 2, 'change|3000' ])
{
	my ($factor, $expected) = @$import;
	my $start = now_ms();
	is($node->safe_psql('postgres', sprintf "SELECT action, count(*) FROM byok_import_prices($file, false) GROUP BY 1", $factor), $expected, "import: $expected");
	cmp_ok(now_ms() - $start, '<', 30_000, sprintf 'in time: %.0f ms', now_ms() - $start);
}
is($node->safe_psql('postgres', q{SELECT count(*), count(*) FILTER (WHERE upper_inf(effective)) FROM model_prices WHERE model LIKE 'bulk-%'}), '12000|6000', 'every row was closed and followed');

# the price changes while a query is under way: it is billed at the price of its start
$node->safe_psql('postgres', q{
	INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'moving', 100, 0);
	SELECT triangle_query('warm', 'warm', NULL, '{"providers": ["openai"], "models": {"openai": "moving"}}');});
fake_control('rules', [ { delay_ms => 2000 } ]);
my $asking = session();
begin_in($asking, q{SELECT triangle_query('q', 'mid_flight', NULL, '{"providers": ["openai"], "models": {"openai": "moving"}}') IS NOT NULL;});
ok(wait_until(10, sub { $asking->{run}->pump_nb; $node->safe_psql('postgres', q{SELECT count(*) FROM triangle_calls WHERE model = 'moving' AND state = 'intent'}) == 1 }), 'a query is under way');
is($node->safe_psql('postgres', q{SELECT i.action FROM byok_import_prices('[{"provider": "openai", "model": "moving", "input_usd_per_mtok": 400, "output_usd_per_mtok": 0}]', false) i}), 'change', 'its price changes');
ok(wait_until(20, sub { is_done($asking) }), 'it is answered');
$asking->quit;
fake_control('reset');
is($node->safe_psql('postgres', q{SELECT unit_prices ->> 'input', trim_scale(cost_usd) FROM key_usage_log WHERE user_id = 'mid_flight'}), '100|0.01', 'and billed at the price of its start');
$node->safe_psql('postgres', q{SELECT triangle_query('q', 'after', NULL, '{"providers": ["openai"], "models": {"openai": "moving"}}')});
is($node->safe_psql('postgres', q{SELECT unit_prices ->> 'input', trim_scale(cost_usd) FROM key_usage_log WHERE user_id = 'after'}), '400|0.04', 'the next one at the new price');

done_testing();
