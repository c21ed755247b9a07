# A router that is asked to end: callers wait for its successor while it finishes its calls, and it ends although the
# database never takes a bill. Mostly waiting, so it runs beside the other files.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use PostgreSQL::Test::Utils;
use Test::More;

start_fake_provider();
my $node = start_server('drain');

sub sql { return $node->safe_psql('postgres', $_[0]) }

# psql in the background; finish() gives what it printed.
sub start_sql
{
	my ($sql) = @_;
	my %client = (out => '', err => '');
	$client{run} = IPC::Run::start([ $node->installed_command('psql'), '-XAtq', '-d', $node->connstr('postgres'), '-c', $sql ],
		'<', \undef, '>', \$client{out}, '2>', \$client{err});
	return \%client;
}

sub finish
{
	my ($client) = @_;
	$client->{run}->finish;
	return $client->{out} . $client->{err};
}

# --- a bill that the database never takes
sql(q{ALTER TABLE key_usage_log ADD CONSTRAINT no_bills CHECK (user_id <> 'unwritable')});
my ($code, $out, $error) = $node->psql('postgres', q{SELECT triangle_query('q', 'unwritable')});
like($error, qr/could not record the bill of request/, 'who asked is told');
my $since = now_ms();
is(sql(q{SELECT unsettled FROM byok_router}), '1', 'byok_router shows it');
is(sql(q{SELECT triangle_query('q', 'others') ->> 'success'}), 'true', 'others are served');
my ($stop, $asker) = (start_sql('SELECT byok_stop_router()'), undef);
ok(wait_until(10, sub { sql('SELECT count(*) FROM byok_router') eq '0' }), 'the router is asked to end and listens no more');
$asker = start_sql(q{SELECT triangle_query('q', 'successor') ->> 'success'});
is(finish($stop), "1\n", 'it ends');
my $took = now_ms() - $since;
cmp_ok($took, '>', 35_000, sprintf 'not before it has tried for long: %.0f ms', $took);
cmp_ok($took, '<', 80_000, 'and not never');
is(finish($asker), "true\n", 'who asked meanwhile waited for the next one and is served');
my ($id) = $error =~ /of request ([0-9a-f-]{36})/;
like(slurp_file($node->logfile), qr/WARNING: .*ends with a bill that the database did not take\n.*DETAIL:\s+Request $id: \S+ USD of user "unwritable", openai cost 0\.0/,
	'the log has what it would have charged');

# --- the cause mended, the call is known as unknown and can be put right
is(sql(q{SELECT state FROM triangle_requests WHERE user_id = 'unwritable'}), 'running', 'recovery meets the same refusal');
sql(q{ALTER TABLE key_usage_log DROP CONSTRAINT no_bills; SELECT byok_stop_router()});
sql(q{SELECT triangle_query('q', 'others')});
is(sql(qq{SELECT state, charged_usd = 0 FROM triangle_requests WHERE id = '$id'}), 'unknown|t', 'without it the next router records the request');
sql(qq{SELECT reconcile_unknown('$id', 'openai', 0.002)});
ok(wait_until(20, sub { sql('SELECT count(*) FROM credit_pending') eq '0' }), 'its cost is put right');
is(sql(qq{SELECT sum(cost_usd) = 0.002 FROM platform_api_usage WHERE request_id = '$id' AND provider = 'openai'}), 't', 'as the provider says');
is(sql('SELECT count(*) FROM billing_invariants()'), '0', 'the invariants hold');

# --- of two corrections the one asked for later counts, in whatever order they are committed
my $first = $node->background_psql('postgres', on_error_stop => 0);
$first->query_safe(qq{BEGIN; SELECT reconcile_unknown('$id', 'anthropic', 0.0001);});
sql(qq{SELECT reconcile_unknown('$id', 'anthropic', 0.0002)});
ok(wait_until(20, sub { sql('SELECT count(*) FROM credit_pending') eq '0' }), 'the later correction is booked');
$first->query_safe('COMMIT;');
$first->quit;
ok(wait_until(20, sub { sql('SELECT count(*) FROM credit_pending') eq '0' }), 'then the earlier one is taken');
is(sql(qq{SELECT sum(cost_usd) = 0.0002 FROM platform_api_usage WHERE request_id = '$id' AND provider = 'anthropic'}), 't', 'and changes nothing');
is(sql('SELECT count(*) FROM billing_invariants()'), '0', 'the invariants hold');

# --- a call under way is finished, and its caller has the answer
fake_control('rules', [ { delay_ms => 3000 } ]);
$asker = start_sql(q{SELECT triangle_query('slow', 'under way') ->> 'success'});
ok(wait_until(10, sub { sql(q{SELECT count(*) FROM triangle_requests WHERE user_id = 'under way' AND state = 'running'}) eq '1' }), 'a call is under way');
is(sql('SELECT byok_stop_router()'), '1', 'the router is asked to end');
is(finish($asker), "true\n", 'and answers it first');
is(sql(q{SELECT state FROM triangle_requests WHERE user_id = 'under way'}), 'succeeded', 'as the books say');
fake_control('reset');

# --- prices that would break the ledger: refused before anything is sent
sql(q{INSERT INTO pricing_rules (owner_kind, owner_id, markup, flat_usd) VALUES ('user', 'whale', 0, 9999999)});
my $one = q{SELECT triangle_query('q', 'whale', NULL, '{"providers": ["openai"]}')};
sql($one) for 1 .. 5;
($code, $out, $error) = $node->psql('postgres', "\\set VERBOSITY verbose\n$one");
like($error, qr/P0402: the debt of user "whale" could be more than 50000000 USD/, 'a debt the ledger cannot hold is refused');
like($error, qr/DETAIL:\s+Balance -49999995 USD: available -49999995 USD, the request may cost up to 9999999 USD\./, 'with its figures');
# what was paid, spent and paid again is not all given back at once
sql(q{SELECT grant_credits('whale', 2000000000) FROM generate_series(1, 4)});
ok(wait_until(20, sub { sql('SELECT count(*) FROM credit_pending') eq '0' }), 'it is paid');
my @refunds = map { ($node->psql('postgres', qq{SELECT refund_request('$_', 'test')}))[0] }
	split /\n/, sql(q{SELECT id FROM triangle_requests WHERE user_id = 'whale' ORDER BY started_at});
is("@refunds", '0 3 3 3 3', 'refunds stop where the balance would be beyond 50 million');
ok(wait_until(20, sub { sql('SELECT count(*) FROM credit_pending') eq '0' }), 'and all that were taken are booked');
is(sql(q{SELECT byok_stop_router()}), '1', 'no bill is left over');
is(sql('SELECT count(*) FROM billing_invariants()'), '0', 'the invariants hold');

done_testing();
