# The administrator's choices about money, each set, seen at work, and set back: who pays, what one answer alone costs, the
# least charge, unknown prices, how long results are kept; and a key that runs out.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use PostgreSQL::Test::Utils;
use Test::More;

start_fake_provider();
my $node = start_server('policies');

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub booked { return wait_until(20, sub { sql('SELECT count(*) FROM credit_pending') eq '0' }) }

sql(q{ALTER DATABASE postgres SET statement_timeout = '60s'});

# The demo prices: an answer costs 0.03, 0.01 and 0.0001 USD, and is charged 0.06, 0.03 and 0.001.
sql(q{
	INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES
	  ('openai', 'gpt-4', 150, 300), ('anthropic', 'claude-3-sonnet', 50, 100), ('deepseek', 'deepseek-chat', 0.5, 1);
	UPDATE providers SET default_model = m.model FROM model_prices m WHERE m.provider = name AND NOT m.builtin;
	CREATE FUNCTION try(asker text, tenant text, options jsonb) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
	  message text;
	BEGIN
	  RETURN trim_scale((triangle_query('hello', asker, tenant, options || '{"max_tokens": 50}') -> 'charge' ->> 'amount_usd')::numeric);
	EXCEPTION WHEN OTHERS THEN
	  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
	  RETURN SQLSTATE || ' ' || message;
	END $$;});

# What a query is charged, or why it is refused.
sub charge
{
	my ($asker, $options, $tenant) = @_;
	return sql(sprintf "SELECT try('%s', %s, '%s')", $asker, $tenant ? "'$tenant'" : 'NULL', $options // '{}');
}

# A session that does this in a transaction; whether it has; and the transaction's end.
sub begin
{
	my ($statement) = @_;
	my $session = $node->background_psql('postgres');
	$session->{stdin} .= "BEGIN; $statement;\n\\echo done\n";
	$session->{run}->pump_nb;
	return $session;
}

sub has_done
{
	my ($session) = @_;
	return wait_until(20, sub { $session->{run}->pump_nb; return $session->{stdout} =~ /done/ });
}

sub end
{
	my ($session, $how) = @_;
	$session->{stdin} .= "$how;\n\\q\n";
	$session->{run}->finish;
	return;
}

# Runs the checks under a setting of the server.
sub under
{
	my ($setting, $value, $checks) = @_;
	sql("LOAD 'byok'; ALTER SYSTEM SET $setting = '$value'");
	$node->reload;
	wait_until(20, sub { sql("LOAD 'byok'; SELECT setting FROM pg_settings WHERE name = '$setting'") eq $value }) or die "$setting is not $value";
	sql('SELECT byok_stop_router()');    # the next one has read it for sure
	$checks->();
	sql("LOAD 'byok'; ALTER SYSTEM RESET $setting");
	$node->reload;
	sql('SELECT byok_stop_router()');
	return;
}

is(charge('plain'), '0.091', 'all three on the platform\'s keys');

# --- who pays for a query with a tenant
sql(q{SELECT grant_credits('firm', 100, owner_kind => 'tenant')});
ok(booked(), 'a tenant gets an account');
is(charge('member', '{}', 'firm'), '0.091', 'a member asks');
is(sql(q{SELECT posted_usd::float FROM credit_balance('firm', 'tenant')}), '0.909', 'the tenant pays');
is(charge('member', '{}', 'other firm'), '0.091', 'a tenant without an account');
is(sql(q{SELECT posted_usd::float FROM credit_balance('member')}), '-0.091', 'does not: the member pays');
under('byok.payer', 'user', sub {
	is(charge('member', '{}', 'firm'), '0.091', 'payer = user: a member asks');
	is(sql(q{SELECT posted_usd::float FROM credit_balance('member')}), '-0.182', 'and pays');
	is(sql(q{SELECT posted_usd::float FROM credit_balance('firm', 'tenant')}), '0.909', 'not the tenant');
});

# --- one answer alone
my $one_alone = [ { provider => 'openai', status => 400 }, { provider => 'anthropic', status => 400 } ];
fake_control('rules', $one_alone);
is(charge('alone'), '0.001', 'one answer of three is charged');
under('byok.charge_policy', 'consensus_only', sub {
	is(charge('alone'), '0', 'consensus_only: one answer alone is free');
	fake_control('rules', [ { provider => 'openai', status => 400 } ]);
	is(charge('alone'), '0.031', 'two are charged');
	is(sql(q{SELECT trim_scale(sum(cost_usd)) FROM byok_platform_usage WHERE request_id IN (SELECT request_id FROM byok_usage WHERE user_id = 'alone')}),
		'0.0103', 'the platform bears what was free: 0.0001, 0.0001 and 0.0101');
});
fake_control('reset');

# --- the least charge
sql(q{INSERT INTO pricing_rules (owner_kind, owner_id, markup) VALUES ('user', 'guest', 0), ('user', 'prepaid guest', 0);
	SELECT set_credit_policy('prepaid guest', false)});
is(charge('guest'), '0', 'a markup of nothing charges nothing');
is(charge('prepaid guest'), '0', 'and needs no credit');
under('byok.min_charge_usd', '0.02', sub {
	is(charge('guest'), '0.02', 'min_charge_usd: it is charged the least');
	is(charge('guest', '{"max_charge_usd": 0.015}'), '0.015', 'but no more than it allowed');
	is(charge('plain'), '0.091', 'what costs more is charged as ever');
	like(charge('prepaid guest'), qr/^P0402 insufficient credit/, 'who has no credit is refused before anything is sent');
	is(sql(q{SELECT max_charge FROM (SELECT triangle_estimate('hello', 'guest') ->> 'max_charge_usd' AS max_charge) e}), '0.02', 'the estimate says so');
	sql(q{SELECT grant_credits('prepaid guest', 2)});
	is(charge('prepaid guest'), '0.02', 'with the credit for it he is answered');
	is(sql(q{SELECT posted_usd::float FROM credit_balance('prepaid guest')}), '0', 'nothing is left, and nothing owed');
});
for my $strategy (qw(judge synthesize))
{
	my $estimate = sql(qq{SELECT triangle_estimate('hello', 'plain', NULL, '{"max_tokens": 50, "strategy": "$strategy"}') ->> 'max_charge_usd'});
	unlike(charge('plain', qq({"strategy": "$strategy", "max_charge_usd": $estimate})), qr/^P0402/, "$strategy: a limit of the estimate is enough");
	like(charge('plain', qq({"strategy": "$strategy", "max_charge_usd": @{[ $estimate - 0.000001 ]}})), qr/^P0402/, "$strategy: one below it is not");
}

# --- models without a price
my $unpriced = '{"providers": ["openai"], "models": {"openai": "nobody-knows"}}';
like(charge('plain', $unpriced), qr/^P0402 price of model "nobody-knows"/, 'a model without a price is refused');
sql(q{LOAD 'byok'; ALTER DATABASE postgres SET byok.unknown_price = 'estimate'});
sql('SELECT byok_stop_router()');
is(charge('plain', $unpriced), '0', 'unknown_price = estimate: it is asked, at no charge');
is(sql(q{SELECT concat_ws(' ', status, estimated, cost_usd::float) FROM byok_usage WHERE model = 'nobody-knows'}), 'ok t 0', 'and marked as estimated');
sql(q{SELECT grant_credits('rich', 100000), set_credit_policy('rich', false)});
like(charge('rich', $unpriced), qr/^P0402 price of model "nobody-knows"/, 'prepaid credit pays nothing without a price');
sql(q{SELECT set_budget('thrifty', 1000)});
like(charge('thrifty', $unpriced), qr/^P0402 price of model "nobody-knows"/, 'nor does a budget');
sql(q{LOAD 'byok'; ALTER DATABASE postgres RESET byok.unknown_price});
sql('SELECT byok_stop_router()');

# --- months, while somebody locks a table of usage
my $lock = begin('LOCK TABLE key_usage_log_rest IN SHARE MODE');
ok(has_done($lock), 'a table is locked');
my $months = sql(q{SELECT concat_ws(' ', made, missing) FROM byok_make_months(6)});
is($months, '3 1', 'the months of the other table are made; of this one the first is said to be missing');
end($lock, 'ROLLBACK');
is(sql(q{SELECT concat_ws(' ', made, missing) FROM byok_make_months(6)}), '3 0', 'then those of this one, too');

# --- a query, while somebody locks prices
is(charge('plain'), '0.091', 'a query');
$lock = begin('LOCK TABLE model_prices IN ACCESS EXCLUSIVE MODE');
ok(has_done($lock), 'a table of prices is locked');
is(charge('plain'), '0.091', 'while prices are locked the last ones serve');
sql('SELECT byok_stop_router()');
like(charge('plain'), qr/^55P03 a table of pg_byok is locked/, 'a router that has none refuses, and does not hang');
end($lock, 'ROLLBACK');
is(charge('plain'), '0.091', 'then it is answered');

# --- the queue, while somebody locks keys: whoever waits for the lock has it before the router sees the request
my $asker = begin(q{SELECT triangle_submit('hello', 'queued', NULL, '{"max_tokens": 50}')});
ok(has_done($asker), 'a request is about to be queued');
$lock = begin('LOCK TABLE service_credentials IN ACCESS EXCLUSIVE MODE');
ok(wait_until(20, sub { sql(q{SELECT count(*) FROM pg_locks WHERE NOT granted}) eq '1' }), 'a lock waits for its keys');
end($asker, 'COMMIT');
ok(has_done($lock), 'the lock is there');
sql(q{SELECT grant_credits('patient', 500)});
ok(booked(), 'the router books credits');
is(sql(q{SELECT state FROM triangle_requests WHERE user_id = 'queued'}), 'queued', 'while the request waits');
end($lock, 'ROLLBACK');
ok(wait_until(20, sub { sql(q{SELECT state FROM triangle_requests WHERE user_id = 'queued'}) eq 'succeeded' }), 'and is answered then');

# --- what is kept of a result
my $id = sql(q{SELECT triangle_submit('a question nobody else asks', 'plain')});
like(sql("SELECT triangle_result('$id', '20 s')"), qr/"consensus"/, 'a submitted question has its result');
sql(qq{UPDATE triangle_requests SET finished_at = finished_at - interval '8 days' WHERE id = '$id'; SELECT byok_stop_router();});
is(charge('plain'), '0.091', 'a router that starts looks for old results');
ok(wait_until(20, sub { sql(qq{SELECT triangle_result('$id') ->> 'expired'}) eq 'true' }), 'after the retention it is blanked');
is(sql(qq{SELECT triangle_result('$id') -> 'charge' ->> 'amount_usd'}), '0.091', 'but for what it was charged');
is(sql(qq{SELECT count(*) FROM triangle_requests r WHERE id = '$id' AND (request IS NOT NULL OR r::text LIKE '%nobody else asks%')}), '0', 'its question is gone');

# --- a key that runs out
sql(q{SELECT store_key('openai', 'sk-test-runs-out-0000', 'user', 'forgetful', expires_at => now() + interval '3 s')});
is(charge('forgetful'), '0.031', 'a key that has not run out serves');
ok(wait_until(20, sub { sql(q{SELECT status FROM byok_keys WHERE owner_id = 'forgetful'}) eq 'expired' }), 'it runs out');
is(charge('forgetful'), '0.091', 'then the platform\'s key does, and says so');
like(sql(q{SELECT resolve_key('openai', 'forgetful')::text}), qr/expired/, 'with the reason');

is(sql(q{SELECT string_agg(concat_ws(' ', invariant, subject, detail), '; ') FROM billing_invariants()}), '', 'the books agree');
$node->stop;
done_testing();
