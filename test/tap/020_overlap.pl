# The three providers are asked at the same time: what the fake provider recorded, not the clock of this test.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use Test::More;

start_fake_provider();
my $node = start_server('overlap');
$node->safe_psql('postgres', q{SELECT triangle_query('warm up')});
fake_control('reset');
fake_control('rules', [
		{ provider => 'openai', delay_ms => 300 },
		{ provider => 'anthropic', delay_ms => 500 },
		{ provider => 'deepseek', delay_ms => 400 } ]);

my $latency = $node->safe_psql('postgres', q{SELECT triangle_query('in parallel') -> 'latency_ms'});
my @calls = @{ fake_get('requests') };
is(scalar @calls, 3, 'three requests arrived');

my ($last_start) = sort { $b <=> $a } map { $_->{started_us} } @calls;
my ($first_answer) = sort { $a <=> $b } map { $_->{answered_us} } @calls;
cmp_ok($last_start, '<', $first_answer, sprintf('all three were in flight together for %.0f ms', ($first_answer - $last_start) / 1000));
is(fake_get('stats')->{max_in_flight}, 3, 'and the provider counted three at once');

my ($first_start) = sort { $a <=> $b } map { $_->{started_us} } @calls;
my ($last_answer) = sort { $b <=> $a } map { $_->{answered_us} } @calls;
cmp_ok(($last_answer - $first_start) / 1000, '<', 560, sprintf('300/500/400 ms took %.0f ms at the provider', ($last_answer - $first_start) / 1000));
cmp_ok($latency, '<', 560, "and $latency ms in the database");
cmp_ok($latency, '>=', 500, 'which is no less than the slowest');

# connections are kept: a second query opens none
my $connections = fake_get('stats')->{connections};
$node->safe_psql('postgres', q{SELECT triangle_query('first'); SELECT triangle_query('second'); SELECT triangle_query('third')});
my $opened = fake_get("stats")->{connections} - $connections;
cmp_ok($opened, '<=', 3, "three queries in one session opened $opened connections");

done_testing();
