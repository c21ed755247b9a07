# Prepaid credit under a rush: what fits is sold once, what does not is refused before it is sent; and who asks twice under
# one idempotency key pays once, whoever comes first.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use PostgreSQL::Test::Utils;
use Test::More;

start_fake_provider();
my $node = start_server('credit', conf => "max_connections = 150\nrestart_after_crash = on\n");

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub booked { return wait_until(20, sub { sql('SELECT count(*) FROM credit_pending') eq '0' }) }

# A flat fee per leg and tokens for nothing: the hold is the charge, 3 cents a query.
sql(q{
	UPDATE providers SET default_model = 'free' WHERE name IN ('openai', 'anthropic', 'deepseek');
	INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok)
	SELECT name, 'free', 0, 0 FROM providers WHERE name IN ('openai', 'anthropic', 'deepseek');
	INSERT INTO pricing_rules (provider, markup, flat_usd) SELECT name, 1, 0.01 FROM providers WHERE name IN ('openai', 'anthropic', 'deepseek');
	CREATE TABLE tried (user_id text, code text);
	CREATE FUNCTION try(asker text, question text, options jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
	  PERFORM triangle_query(question, asker, options => options);
	  RETURN '00000';
	EXCEPTION WHEN OTHERS THEN
	  RETURN SQLSTATE;
	END $$;});

# pgbench with this script: whether it went well, and what it said.
sub rush
{
	my ($clients, $each, $script) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/rush.sql';
	PostgreSQL::Test::Utils::append_to_file($file, $script);
	my ($out, $err) = ('', '');
	my $ok = IPC::Run::run([ $node->installed_command('pgbench'), '-n', '-c', $clients, '-j', 2, '-t', $each, '-f', $file,
			'-h', $node->host, '-p', $node->port, 'postgres' ], '<', \undef, '>', \$out, '2>', \$err);
	return ($ok, $out . $err);
}

# --- 100 clients, one account, credit for 50
sql(q{SELECT grant_credits('rush', 150, 'fifty queries', 'rush-1')});
sql(q{SELECT set_credit_policy('rush', false)});
my ($ok, $said) = rush(100, 1, "INSERT INTO tried VALUES ('rush', try('rush', 'hello'));\n");
ok($ok, '100 clients ask at once') or diag($said);
is(sql(q{SELECT string_agg(code || ' ' || n, ', ' ORDER BY code) FROM (SELECT code, count(*) AS n FROM tried GROUP BY code) t}),
	'00000 50, P0402 50', 'credit for 50: 50 are answered, 50 refused');
is(sql(q{SELECT concat_ws(' ', posted_usd, held_usd, available_usd) FROM credit_balance('rush')}), '0 0 0',
	'nothing is left and nothing owed');
is(fake_get('stats')->{requests}, 150, 'and no call was sent for those who were refused');
is(sql(q{SELECT count(*) || ' ' || sum(amount_cents) FROM credit_transactions WHERE type = 'triangle_query'}), '50 -150', 'fifty rows of the ledger, three cents each');
is(sql(q{SELECT string_agg(DISTINCT state, ' ') FROM credit_holds}), 'captured', 'no hold is left open');
is(sql(q{SELECT count(*) FROM billing_invariants()}), '0', 'the invariants hold');

# --- a payment counts once it is committed, and not before
is(sql(q{SELECT try('rush', 'hello')}), 'P0402', 'without credit a query is refused');
my ($code, $out) = $node->psql('postgres', q{BEGIN; SELECT grant_credits('rush', 3, 'three cents', 'rush-2') > 0; SELECT try('rush', 'hello'); COMMIT;});
is($out, "t\nP0402", 'with an uncommitted grant, too');
is(sql(q{SELECT try('rush', 'hello')}), '00000', 'with the grant committed it is answered');
is(sql(q{SELECT grant_credits('rush', 3, 'three cents', 'rush-2')}), '0', 'the same payment again grants nothing');
$node->psql('postgres', q{BEGIN; SELECT grant_credits('rush', 3, 'taken back', 'rush-3'); ROLLBACK;});
is(sql(q{SELECT try('rush', 'hello')}), 'P0402', 'a grant that is rolled back grants nothing');
is(sql(q{SELECT grant_credits('rush', 3, 'again', 'rush-3') > 0}), 't', 'and its key is free');
ok(booked(), 'the router books it');

# --- also when a thousand others were granted in the same transaction
sql(q{SELECT set_credit_policy('last of many', false)});
is(sql(q{SELECT try('last of many', 'hello')}), 'P0402', 'who has no credit is refused');
sql(q{BEGIN; SELECT count(grant_credits('one of many ' || n, 1)) FROM generate_series(1, 5000) n; SELECT grant_credits('last of many', 3); COMMIT;});
is(sql(q{SELECT try('last of many', 'hello')}), '00000', 'with a grant behind five thousand others it is answered');
ok(booked(), 'the router books them all');

# --- a balance has an end, also for those who grant side by side
for my $level ('READ COMMITTED', 'REPEATABLE READ')
{
	my ($owner, $said) = ("rich $level", '');
	sql(qq{SELECT grant_credits('$owner', 2000000000)});
	my $granter = $node->background_psql('postgres', on_error_stop => 0);
	$granter->query_safe(qq{BEGIN; SELECT grant_credits('$owner', 2000000000);});
	my $second = IPC::Run::start([ $node->installed_command('psql'), '-XAtq', '-d', $node->connstr('postgres'), '-v', 'VERBOSITY=verbose',
			'-c', 'BEGIN ISOLATION LEVEL ' . $level, '-c', 'SELECT count(*) FROM providers', '-c', "SELECT grant_credits('$owner', 2000000000)", '-c', 'COMMIT' ],
		'<', \undef, '>', \my $rows, '2>', \$said);
	ok(wait_until(10, sub { sql(q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'}) eq '1' }), "$level: the second grant waits for the first");
	$granter->query_safe('COMMIT;');
	$granter->quit;
	$second->finish;
	like($said, qr/22023: the balance would be beyond 50000000 USD/, "$level: and is refused");
	ok(booked(), 'what was granted is booked');
	is(sql(qq{SELECT posted_usd FROM credit_balance('$owner')}), '40000000', 'and that is all');
}

# --- one key, many askers
fake_control('rules', [ { delay_ms => 200 } ]);
fake_control('reset');
($ok, $said) = rush(40, 1, "INSERT INTO tried VALUES ('keyed', try('keyed', 'the same', '{\"idempotency_key\": \"k\"}'));\n");
ok($ok, '40 clients ask the same under one key') or diag($said);
is(sql(q{SELECT count(*) FROM tried WHERE user_id = 'keyed' AND code = '00000'}), '40', 'all are answered');
is(fake_get('stats')->{requests}, 3, 'by one query');
is(sql(q{SELECT count(*) || ' ' || sum(amount_cents) FROM credit_transactions WHERE user_id = 'keyed'}), '1 -3', 'which is charged once');
is(sql(q{SELECT try('keyed', 'another', '{"idempotency_key": "k"}')}), '22023', 'another question under the key is refused');
is(sql(q{SELECT count(DISTINCT triangle_query('the same', 'keyed', options => '{"idempotency_key": "k"}')) FROM generate_series(1, 3)}), '1',
	'the stored result comes again, word for word');
my $first = sql(q{SELECT triangle_submit('queued', 'keyed', options => '{"idempotency_key": "q"}')});
is(sql(q{SELECT triangle_submit('queued', 'keyed', options => '{"idempotency_key": "q"}')}), $first, 'submitted again it is the same request');
ok(wait_until(20, sub { sql("SELECT triangle_result('$first') IS NOT NULL") eq 't' }), 'which is answered');
is(sql(q{SELECT triangle_query('queued', 'keyed', options => '{"idempotency_key": "q"}') ->> 'request_id'}), $first, 'and answers who asks and waits');

# --- the router is killed under a request with a key: its outcome is unknown, it is not asked again under that key
fake_control('rules', [ { delay_ms => 3000 } ]);
my ($killed, $error) = ('', '');
my $asker = IPC::Run::start([ 'psql', '-X', '-q', '-A', '-t', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), '-c',
	q{SELECT triangle_query('lost', 'keyed', options => '{"idempotency_key": "l"}')} ], '<', \undef, '>', \$killed, '2>', \$error);
ok(wait_until(10, sub { sql(q{SELECT count(*) FROM triangle_requests WHERE idempotency_key = 'l'}) eq '1' }), 'a request with a key runs');
sql(q{SELECT pg_terminate_backend(pid) FROM byok_router});
eval { $asker->finish };
like($error, qr/router of pg_byok/, 'its router is ended');
fake_control('reset');
is(sql(q{SELECT try('keyed', 'lost', '{"idempotency_key": "l"}')}), '08006', 'asked again: the outcome is not known');
is(fake_get('stats')->{requests}, 0, 'and nothing is sent');
is(sql(q{SELECT count(*) FROM billing_invariants()}), '0', 'the invariants hold');

# --- a credit that cannot be booked: rows that no function would write, more than the ledger holds
fake_control('rules', [ {} ]);
sql(q{WITH r AS (INSERT INTO credit_requests (kind, owner_kind, owner_id, amount_cents, type, requested_by)
	SELECT 'grant', 'user', 'whale', 2147483647, 'promo', 'test' FROM generate_series(1, 6) RETURNING id) INSERT INTO credit_pending SELECT id FROM r});
sql(q{SELECT grant_credits('minnow', 3, 'behind the whale', 'minnow-1')});
sql(q{SELECT set_credit_policy('minnow', false)});
is(sql(q{SELECT string_agg(DISTINCT try('bystander', 'hello ' || i), ' ') FROM generate_series(1, 20) i}), '00000', 'queries go on beside a credit that breaks its turn');
ok(wait_until(20, sub { sql(q{SELECT count(*) FROM byok_ledger WHERE user_id = 'minnow'}) eq '1' }), 'and so do the grants behind it');
is(sql(q{SELECT try('minnow', 'hello')}), '00000', 'which can be spent');
is(sql(q{SELECT count(*) FROM credit_pending}), '2', 'what cannot be booked stays');
is(sql(q{SELECT string_agg(DISTINCT invariant, ' ') FROM billing_invariants()}) // '', '', 'and the books agree');
sql(q{DELETE FROM credit_pending});
sql(q{ALTER TABLE credit_requests DISABLE TRIGGER append_only; DELETE FROM credit_requests r WHERE owner_id = 'whale' AND NOT EXISTS (SELECT FROM credit_transactions t WHERE t.credit_request_id = r.id);
	ALTER TABLE credit_requests ENABLE ALWAYS TRIGGER append_only});

# --- budgets under a rush: a limit of ten queries
sql(q{SELECT set_budget('thrifty', 0.3, 'day')});
fake_control('rules', [ {} ]);
($ok, $said) = rush(30, 1, "INSERT INTO tried VALUES ('thrifty', try('thrifty', 'hello'));\n");
ok($ok, '30 clients ask') or diag($said);
is(sql(q{SELECT count(*) FILTER (WHERE code = '00000') || ' ' || count(*) FILTER (WHERE code = 'P0402') FROM tried WHERE user_id = 'thrifty'}), '10 20',
	'a budget for ten queries is spent by ten');
is(sql(q{SELECT trim_scale(spent_usd) FROM budget_spend WHERE owner_id = 'thrifty'}), '0.3', 'and its counter says so');
is(sql(q{SELECT count(*) FROM billing_invariants()}), '0', 'the invariants hold');

# --- what a counter holds for a request goes back whole when its router is lost before the extra call, with one provider out
sql(q{SELECT set_budget('lost', 1000), set_budget('lost', 1000, provider => 'openai'), set_budget('lost', 1000, provider => 'deepseek')});
fake_control('rules', [ { provider => 'anthropic', status => 500 } ]);
sql(q{SELECT try('failing', 'hello') FROM generate_series(1, 3)});
fake_control('rules', [ { provider => 'openai', no_answer => JSON::PP::true } ]);
sql(q{SELECT triangle_submit('hello', 'lost', options => '{"strategy": "synthesize"}')});
ok(wait_until(10, sub { sql(q{SELECT bool_and(spent_usd > 0) FROM budget_spend WHERE owner_id = 'lost'}) eq 't' }), 'a running request is counted');
is(sql(q{SELECT (SELECT breaker FROM byok_provider_stats WHERE provider = 'anthropic') || ' ' || count(*) FROM triangle_calls JOIN triangle_requests r ON r.id = request_id WHERE user_id = 'lost'}),
	'open 2', 'of two providers, as one is out');
is(sql(q{SELECT string_agg(concat_ws(' ', invariant, subject, detail), '; ') FROM billing_invariants()}), '', 'as the invariants count it');
fake_control('rules', [ {} ]);
kill 'KILL', sql(q{SELECT pid FROM byok_router});
ok(wait_until(60, sub { my ($code) = $node->psql('postgres', q{SELECT try('after', 'hello')}); $code == 0 }), 'the server is back');
ok(wait_until(20, sub { sql(q{SELECT count(*) FROM triangle_requests WHERE state = 'running'}) eq '0' }), 'what ran is unknown');
is(sql(q{SELECT string_agg(trim_scale(spent_usd)::text, ' ') FROM budget_spend WHERE owner_id = 'lost'}), join(' ', ('0') x 3), 'and not counted any more');
is(sql(q{SELECT count(*) FROM billing_invariants()}), '0', 'the invariants hold');

# --- the least charge counts, too
$node->append_conf('postgresql.conf', 'byok.min_charge_usd = 0.2');
$node->restart;
sql(q{SELECT set_budget('least', 0.5)});
is(sql(q{SELECT string_agg(try('least', 'hello ' || i), ' ' ORDER BY i) FROM generate_series(1, 3) i}), '00000 00000 P0402', 'a budget of two and a half queries at the least charge is spent by two');
is(sql(q{SELECT trim_scale(spent_usd) FROM budget_spend WHERE owner_id = 'least'}), '0.4', 'and its counter says so');
sql(q{DELETE FROM budget_spend WHERE owner_id = 'least'});
is(sql(q{SELECT try('least', 'once more')}), 'P0402', 'a counter made anew has it, too');
is(sql(q{SELECT count(*) FROM billing_invariants()}), '0', 'the invariants hold');

$node->stop;
done_testing();
