# Money under random work: rounds of queries, submits, strategies that ask once more, keys used twice, grants, refunds,
# rollbacks, timeouts, cancels, killed clients, faults of the providers, changes of prices and markups, budgets set anew, and
# routers that are stopped, terminated and killed; of users, one with a key of his own and a fee on it, and of a tenant.
# The test keeps accounts of its own: of what the providers answered (their journal), at the rates of the round, and of
# what the clients were told was granted and refunded. After each round its balances are the ledger's, and the invariants are empty.
# BYOK_MONEY_SEED replays a run, BYOK_MONEY_ROUNDS makes it longer.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use JSON::PP ();
use Math::BigInt;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{BYOK_MONEY_SEED} || int(rand(2**31));
my $rounds = $ENV{BYOK_MONEY_ROUNDS} || 24;
diag("BYOK_MONEY_SEED=$seed");
srand($seed);

start_fake_provider();
my $node = start_server('money', conf => "restart_after_crash = on\nmax_connections = 80\n");
sub sql { return $node->safe_psql('postgres', $_[0]) }
sub one_of { return $_[ int(rand(@_)) ] }

my @providers = qw(openai anthropic deepseek);
my %model = (openai => 'gpt-4', anthropic => 'claude-3-sonnet', deepseek => 'deepseek-chat');
my %cost = (openai => 30_000, anthropic => 10_000, deepseek => 100);    # of an answer, in 10^-6 USD
my %markup = (openai => 2, anthropic => 3, deepseek => 10);
my %price = (openai => [ 150, 300 ], anthropic => [ 50, 100 ], deepseek => [ 0.5, 1 ]);    # USD per million tokens in, out
my %scale = map { $_ => 1 } @providers;    # of the prices, and so of the cost
my $fee = 0.1;                              # on user5's own key of openai
my @users = ((map { "user$_" } 1 .. 5), 'shop');    # who pays: the last is a tenant
my %kind = ((map { $_ => 'user' } @users), shop => 'tenant');
sub asker { return $_[0] eq 'shop' ? "'member', 'shop'" : "'$_[0]', NULL" }

sql(q{
	INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES
	  ('openai', 'gpt-4', 150, 300), ('anthropic', 'claude-3-sonnet', 50, 100), ('deepseek', 'deepseek-chat', 0.5, 1);
	UPDATE providers SET default_model = m.model FROM model_prices m WHERE m.provider = name AND NOT m.builtin;
	INSERT INTO pricing_rules (key_source, byok_fee) VALUES ('user_key', 0.1);
	SELECT store_key('openai', 'sk-test-of-user5-0000', 'user', 'user5');
	SELECT grant_credits(u, 10000, 'start', 'start ' || u) FROM unnest(ARRAY['user1', 'user2']) u;
	SELECT grant_credits('shop', 100, 'start', 'start shop', 'tenant');});
sql("SELECT set_credit_policy('$_', false)") for qw(user1 user2);

# --- the test's own accounts, in 10^-6 USD
my %balance = (user1 => 100_000_000, user2 => 100_000_000, (map { $_ => 0 } qw(user3 user4 user5)), shop => 1_000_000);
my %charged;     # marker => amount, of the rows seen in the ledger
my %refunded;    # markers
my (%owner_of, %round_of);
my @rates;       # of each round

my $marks = 0;
sub new_marker
{
	my ($owner, $round) = @_;
	my $marker = 'm' . ++$marks . 'x';
	$owner_of{$marker} = $owner;
	$round_of{$marker} = $round;
	return $marker;
}

sub options
{
	my ($marker, @more) = @_;
	return JSON::PP->new->canonical->encode({ metadata => { marker => $marker }, timeout_ms => 5000, max_tokens => 200, @more });
}

# --- what a client may do: a psql script, and, once it said so, what it did to the accounts
sub ask
{
	my ($round) = @_;
	my $owner = one_of(@users);
	my $marker = new_marker($owner, $round);
	my @strategy = rand() < 0.4 ? (strategy => one_of(qw(judge synthesize auto))) : ();
	my $asker = asker($owner);
	my $call = "triangle_query('$marker hello', $asker, '@{[ options($marker, @strategy) ]}')";
	return { script => one_of("SELECT $call;", "BEGIN; SELECT $call; ROLLBACK;", "SET statement_timeout = @{[ 5 + int(rand(60)) ]}; SELECT $call;",
			"SELECT triangle_submit('$marker hello', $asker, '@{[ options($marker, @strategy) ]}');",
			"SELECT triangle_cancel(triangle_submit('$marker hello', $asker, '@{[ options($marker, @strategy) ]}'));",
			"SELECT triangle_submit('$marker hello', $asker, '@{[ options($marker, @strategy) ]}') AS id \\gset\nSELECT pg_sleep(@{[ rand(0.03) ]}); SELECT triangle_cancel(:'id');",
			"DO \$\$ BEGIN PERFORM $call; RAISE EXCEPTION 'undo'; END \$\$;") };
}

sub ask_twice
{
	my ($round) = @_;
	my $owner = one_of(@users);
	my $marker = new_marker($owner, $round);
	my $asker = asker($owner);
	my $call = "triangle_query('$marker hello', $asker, '@{[ options($marker, idempotency_key => $marker) ]}')";
	return ({ script => "SELECT $call;" }, { script => one_of("SELECT $call;", "SELECT " . ($call =~ s/triangle_query/triangle_submit/r) . ';') });
}

my $payments = 0;
sub grant
{
	my $owner = one_of(@users);
	my $cents = 1 + int(rand(500));
	my $key = 'payment ' . ++$payments;
	my $call = "SELECT 'granted $key' FROM grant_credits('$owner', $cents, 'random', '$key', '$kind{$owner}');";
	my $kept = { keys => $key, gives => [ $owner, $cents * 10_000 ] };
	return { script => "BEGIN; $call ROLLBACK;" } if rand() < 0.3;
	return ({ %$kept, script => $call }, { %$kept, script => $call }) if rand() < 0.3;
	return { %$kept, script => $call };
}

sub refund
{
	my @open = grep { !$refunded{$_} && $charged{$_} } sort keys %charged;
	return grant() if !@open;
	my $marker = one_of(@open);
	my $call = "SELECT 'refunded $marker' FROM credit_transactions t, refund_request(t.request_id, 'random') WHERE t.type = 'triangle_query' AND t.metadata #>> '{metadata,marker}' = '$marker';";
	return { script => "BEGIN; $call ROLLBACK;" } if rand() < 0.3;
	return { script => $call, refunds => $marker };
}

# Never refuses; but its counters, of one provider and of all, begin and go on while requests run.
sub limit
{
	my $owner = one_of(@users);
	return { script => "SELECT set_budget('$owner', " . one_of(100_000, 'NULL', 100_000) . ", '" . one_of(qw(day month)) . "', " . one_of('NULL', map { "'$_'" } @providers) . ", '$kind{$owner}');" };
}

# The same prices once more, closed and begun at a time before the commit, while others ask.
sub reprice
{
	my $provider = one_of(@providers);
	return { script => "BEGIN; " . close_price($provider, 'now()') . "SELECT pg_sleep(@{[ rand(0.2) ]}); " . next_price($provider) . 'COMMIT;' };
}

# Half way: nobody knows what became of it, but the books.
sub leave
{
	my ($round) = @_;
	return { %{ ask($round) }, leaves => 1 };
}

# --- a round
sub close_price
{
	my ($provider, $at) = @_;
	return "UPDATE model_prices SET effective = tstzrange(lower(effective), $at) WHERE provider = '$provider' AND NOT builtin AND upper_inf(effective);\n";
}

sub next_price
{
	my ($provider) = @_;
	my ($in, $out) = map { $_ * $scale{$provider} } @{ $price{$provider} };
	return qq{INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok, effective)
		SELECT '$provider', '$model{$provider}', $in, $out, tstzrange(max(upper(effective)), NULL) FROM model_prices WHERE provider = '$provider' AND NOT builtin;\n};
}

sub change_prices
{
	my $provider = one_of(@providers);
	$scale{$provider} = 1 + int(rand(5));
	sql('BEGIN; ' . close_price($provider, 'clock_timestamp()') . next_price($provider) . 'COMMIT;');
	return;
}

# In 10^-6 USD, what an answer is charged.
sub charge_of
{
	my ($provider, $owner, $rates) = @_;
	my $factor = $provider eq 'openai' && $owner eq 'user5' ? $fee : $rates->{markup}{$provider};
	return sprintf('%.0f', $cost{$provider} * $rates->{scale}{$provider} * $factor);
}

sub change_rates
{
	my $provider = one_of(@providers);
	$markup{$provider} = 1 + int(rand(12));
	sql(qq{BEGIN;
		UPDATE pricing_rules SET effective = tstzrange(lower(effective), clock_timestamp()) WHERE provider = '$provider' AND NOT builtin AND upper_inf(effective);
		INSERT INTO pricing_rules (provider, markup, effective) SELECT '$provider', $markup{$provider}, tstzrange(coalesce(max(upper(effective)), '-infinity'), NULL)
		  FROM pricing_rules WHERE provider = '$provider' AND NOT builtin;
		COMMIT;});
	return;
}

my @faults = ([ {} ], [ { provider => 'deepseek', status => 503 } ], [ { provider => 'openai', status => 429 } ],
	[ { provider => 'anthropic', status => 401 } ], [ { delay_ms => 30 } ], [ { provider => 'openai', delay_ms => 60 }, { provider => 'deepseek', usage => undef } ]);

sub start
{
	my ($op) = @_;
	$op->{out} = '';
	$op->{run} = IPC::Run::start([ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', '-' ],
		'<', \$op->{script}, '>', \$op->{out}, '2>', \my $ignored);
	return;
}

sub leave_now
{
	my (@ops) = @_;
	for my $op (@ops)
	{
		Time::HiRes::sleep(rand(0.05));
		$op->{run}->kill_kill;
	}
	return;
}

sub end_router
{
	my ($how) = @_;
	return if $how eq 'calm';
	Time::HiRes::sleep(rand(0.1));
	my ($code, $pid) = $node->psql('postgres', 'SELECT pid FROM byok_router');
	return if ($pid // '') eq '';
	return kill 'KILL', $pid if $how eq 'kill';
	$node->psql('postgres', $how eq 'stop' ? 'SELECT byok_stop_router()' : "SELECT pg_terminate_backend($pid)");
	return;
}

sub comes_to_rest
{
	return wait_until(60, sub {
		my ($code, $open) = $node->psql('postgres', q{
			SELECT triangle_query('rest', 'rest', options => '{"providers": ["openai"], "on_error": "return", "metadata": {"marker": "rest"}}') IS NULL;
			SELECT (SELECT count(*) FROM credit_pending) + (SELECT count(*) FROM triangle_requests WHERE state IN ('queued', 'running'));});
		return $code == 0 && $open =~ /\n0$/;
	});
}

# What a provider's answer to a marker costs its asker: nothing when it said no usage.
sub expected_charges
{
	my ($round, $rules) = @_;
	my %expected;
	my %mute = map { $_->{provider} => 1 } grep { exists $_->{usage} } @$rules;
	for my $call (@{ fake_get('requests') })
	{
		my ($marker) = ($call->{prompt} // '') =~ /\b(m\d+x) hello/ or next;
		next if $call->{status} != 200 || $call->{outcome} ne 'answered' || $mute{ $call->{provider} };
		$expected{$marker} += charge_of($call->{provider}, $owner_of{$marker}, $rates[$round]);
	}
	return \%expected;
}

sub micros { return int(Math::BigInt->new($_[0] =~ s/^(-?)0*\.?//r =~ s/\.//r)->bdiv(1_000_000)) }

# The charges of the ledger against the providers' journal; what is wrong, by marker.
sub compare_charges
{
	my ($round, $expected, $calm) = @_;
	my @wrong;
	my %new;
	for my $row (split /\n/, sql(q{SELECT t.metadata #>> '{metadata,marker}', t.user_id, (-t.amount_usd * 1000000)::bigint FROM credit_transactions t
		WHERE t.type = 'triangle_query' AND t.metadata #>> '{metadata,marker}' <> 'rest'}))
	{
		my ($marker, $owner, $amount) = split /\|/, $row;
		next if exists $charged{$marker};
		push @wrong, "$marker twice" if exists $new{$marker};
		push @wrong, "$marker for $owner, not $owner_of{$marker}" if $owner ne $owner_of{$marker};
		push @wrong, "$marker of round $round_of{$marker}" if $round_of{$marker} != $round;
		push @wrong, "$marker charged $amount, answered for " . ($expected->{$marker} // 0) if $amount != ($expected->{$marker} // 0);
		$new{$marker} = $amount;
		$balance{$owner} -= $amount;
	}
	if ($calm)
	{
		push @wrong, map { "$_ answered and not charged" } grep { $expected->{$_} && !exists $new{$_} } sort keys %$expected;
	}
	%charged = (%charged, %new);
	return \@wrong;
}

# What the clients were told, and of those who were told nothing what became of it.
sub book
{
	my (@ops) = @_;
	my %seen;
	for my $op (@ops)
	{
		if ($op->{gives} && !$seen{ $op->{keys} })
		{
			my $told = $op->{out} =~ /^granted/m || grep { ($_->{keys} // '') eq $op->{keys} && $_->{out} =~ /^granted/m } @ops;
			next if !$told && sql("SELECT count(*) FROM credit_requests WHERE idempotency_key = '$op->{keys}'") eq '0';
			$seen{ $op->{keys} } = 1;
			$balance{ $op->{gives}[0] } += $op->{gives}[1];
		}
		if ($op->{refunds} && !$refunded{ $op->{refunds} })
		{
			next if $op->{out} !~ /^refunded/m && sql(qq{SELECT count(*) FROM credit_requests r JOIN credit_transactions t USING (request_id)
				WHERE r.kind = 'refund' AND t.type = 'triangle_query' AND t.metadata #>> '{metadata,marker}' = '$op->{refunds}'}) eq '0';
			$refunded{ $op->{refunds} } = 1;
			$balance{ $owner_of{ $op->{refunds} } } += $charged{ $op->{refunds} };
		}
	}
	return;
}

my %played;
for my $round (0 .. $rounds - 1)
{
	change_rates() if rand() < 0.5;
	change_prices() if rand() < 0.5;
	$rates[$round] = { markup => {%markup}, scale => {%scale} };
	my $rules = one_of(@faults);
	fake_control('reset');
	fake_control('rules', $rules);
	my $end = $round % 3 == 2 ? one_of(qw(stop terminate kill)) : 'calm';
	$played{$end}++;
	my @ops = map { one_of(\&ask, \&ask, \&ask, \&ask_twice, \&grant, \&refund, \&limit, \&reprice, \&leave)->($round) } 1 .. 10;
	start($_) for @ops;
	end_router($end);
	leave_now(grep { $_->{leaves} } @ops);
	eval { $_->{run}->finish } for @ops;
	my $what = "round $round, router: $end";
	ok(comes_to_rest(), "$what: everything comes to its end") or last;
	book(@ops);
	is_deeply(compare_charges($round, expected_charges($round, $rules), $end eq 'calm'), [], "$what: charged is what was answered");
	is(sql(q{SELECT string_agg(u || ' ' || (SELECT coalesce(sum(amount_usd), 0) * 1000000 FROM credit_transactions WHERE user_id = u AND account_id IS NOT NULL)::bigint, ', ' ORDER BY u)
		FROM unnest(ARRAY['user1', 'user2', 'user3', 'user4', 'user5', 'shop']) u}),
		join(', ', map { "$_ $balance{$_}" } sort @users), "$what: the ledger is the test's own");
	is(sql(q{SELECT string_agg(concat_ws(' ', invariant, subject, detail), '; ') FROM billing_invariants()}), '', "$what: the invariants are empty");
}
is(sql('SELECT count(*) FROM verify_ledger_chain()'), '0', 'the chain of the ledger is whole');
cmp_ok(scalar(keys %charged), '>', $rounds, 'many queries were charged: ' . scalar(keys %charged) . ', refunded ' . scalar(keys %refunded) . ', payments ' . $payments);
note(join ', ', map { "$_ $played{$_}" } sort keys %played);
$node->stop;
done_testing();
