# pg_dump and restore keep keys usable, ids apart, edits of built-in rows, and the books whole; a database without the master key says which is missing.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use Cwd ();
use PostgreSQL::Test::Utils;
use Test::More;

$ENV{BYOK_MASTER_KEY_FOR_FILES} = $ENV{KEYRING_ENCRYPTION_KEY};
start_fake_provider();
my $node = start_server('source');
$node->safe_psql('postgres', q{
	SELECT store_key('openai', 'sk-test-dumped-user-openai-0000', 'user', 'user_123');
	SELECT store_key('anthropic', 'sk-test-dumped-tenant-anthropic-0000', 'tenant', 'tenant_abc');
	SELECT byok_grant('pg_monitor', 'auditor');
	INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'gpt-4', 150, 300);
	UPDATE model_prices SET effective = effective * tstzrange(NULL, now()) WHERE model = 'gpt-4' AND NOT builtin;
	INSERT INTO model_prices (provider, model, effective, input_usd_per_mtok, output_usd_per_mtok)
	SELECT provider, model, tstzrange(upper(effective), NULL), 100, 200 FROM model_prices WHERE model = 'gpt-4' AND NOT builtin;
	INSERT INTO pricing_rules (owner_kind, owner_id, key_source, byok_fee) VALUES ('user', 'user_123', 'user_key', 0.05);
	INSERT INTO providers (name, base_url, default_model) VALUES ('mistral', 'https://api.mistral.ai/v1', 'mistral-small');
	SELECT set_budget('user_123', 1000);
	SELECT set_budget('tenant_abc', 1000, 'day', 'deepseek', 'tenant');
	SELECT triangle_query('before', 'user_123', 'tenant_abc');
	SELECT triangle_query('before', 'user_123', NULL, '{"idempotency_key": "k1"}');
	SELECT grant_credits('user_123', 12345, 'card', 'pay_1');
	SELECT grant_credits('tenant_abc', 100, owner_kind => 'tenant');
	SELECT refund_request(request_id, 'test') FROM byok_ledger WHERE type = 'triangle_query' ORDER BY id LIMIT 1;});
fake_control('rules', [ { provider => 'deepseek', body => '' } ]);
$node->safe_psql('postgres', q{SELECT triangle_query('lost', 'user_123')});
fake_control('reset');
$node->safe_psql('postgres', q{SELECT reconcile_unknown(request_id, provider, 0.0001) FROM byok_unknown_calls});
ok(wait_until(30, sub { $node->safe_psql('postgres', 'SELECT count(*) FROM credit_pending') eq '0' }), 'grants, refund and correction are booked');
# one that waits, of a router that does not run: it is dumped as it is, and booked by whoever comes first
$node->safe_psql('postgres', 'SELECT byok_stop_router()');
$node->safe_psql('postgres', q{SELECT grant_credits('user_123', 77, 'waits', 'pay_2')});
is($node->safe_psql('postgres', 'SELECT count(*) FROM credit_pending'), '1', 'a grant waits for a router');
# a request that runs while the dump is taken
$node->safe_psql('postgres', q{
	INSERT INTO triangle_requests (id, user_id, state, account_id, bound_usd, router_generation, started_at, lease_until)
	SELECT '00000000-0000-4000-8000-000000000001', 'user_123', 'running', id, 0.5, 1, now(), now() + interval '1 min' FROM credit_accounts WHERE owner_id = 'user_123';
	INSERT INTO triangle_calls (request_id, provider, attempt, state, key_source, model, bound_cost_usd, reserved_usd)
	VALUES ('00000000-0000-4000-8000-000000000001', 'anthropic', 1, 'intent', 'system_key', 'claude-3-sonnet', 0.2, 0.5);
	INSERT INTO credit_holds (account_id, request_id, amount_usd) SELECT id, '00000000-0000-4000-8000-000000000001', 0.5 FROM credit_accounts WHERE owner_id = 'user_123';
	UPDATE credit_accounts SET held_usd = held_usd + 0.5, version = version + 1 WHERE owner_id = 'user_123';
	UPDATE budget_spend SET spent_usd = spent_usd + 0.5 WHERE owner_id = 'user_123';});
is($node->safe_psql('postgres', 'SELECT * FROM billing_invariants()'), '', 'the books agree before the dump');
my $head = $node->safe_psql('postgres', 'SELECT chain_no, chain_hash FROM byok_ledger_head');
my $sequences = q{SELECT string_agg(format('%s %s', relname, last_value), ' ' ORDER BY relname) FROM pg_extension x, unnest(extconfig) o JOIN pg_class c ON c.oid = o
	JOIN pg_sequences s ON s.sequencename = c.relname WHERE extname = 'byok' AND relkind = 'S'};
my $numbers = $node->safe_psql('postgres', $sequences);
my $months = q{SELECT string_agg(c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid) || ' ' || (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled = 'A'), '; ' ORDER BY c.relname)
	FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent IN ('key_usage_log'::regclass, 'platform_api_usage'::regclass)};
my $partitions = $node->safe_psql('postgres', $months);
like($partitions, qr/key_usage_log_\d{4}_\d\d .* 2; key_usage_log_/, 'usage has its months, with both guards');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, 'postgres' ], 'pg_dump');

fake_control('reset');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('copy'), '-f', $dump ], 'restore');
is(fake_get('stats')->{requests}, 0, 'a restore asks nobody');

my $tables = q{SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_extension x, unnest(extconfig) o JOIN pg_class c ON c.oid = o WHERE extname = 'byok' AND relkind = 'r'};
for my $table (split / /, $node->safe_psql('postgres', $tables))
{
	# built-in rows are installed, not dumped
	my $own = $table =~ /^model_|^pricing_/ ? 'WHERE NOT builtin' : '';
	my $rows = "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM $table t $own";
	is($node->safe_psql('copy', $rows), $node->safe_psql('postgres', $rows), "$table is the same");
}
# the books are whole: months with their rows and guards, numbers that go on, every figure
for my $table (qw(key_usage_log platform_api_usage))
{
	for my $of (map { s/ .*//r } grep { /^$table/ } split /; /, $partitions)
	{
		my $rows = "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM $of t";
		is($node->safe_psql('copy', $rows), $node->safe_psql('postgres', $rows), "$of is the same");
	}
}
is($node->safe_psql('copy', $months), $partitions, 'months are attached and guarded');
is($node->safe_psql('copy', $sequences), $numbers, 'numbers go on where they were');
is($node->safe_psql('copy', 'SELECT * FROM billing_invariants()'), '', 'the books agree after the restore');
is($node->safe_psql('copy', 'SELECT * FROM verify_ledger_chain()'), '', 'the chain holds');
is($node->safe_psql('copy', 'SELECT chain_no, chain_hash FROM byok_ledger_head'), $head, 'to the same head');
my ($refused, undef, $why) = $node->psql('copy', 'UPDATE key_usage_log SET provider = provider');
like($why, qr/are never changed/, 'and what is written stays');
$node->safe_psql('copy', "ALTER DATABASE copy SET byok.system_key_origins = 'http://127.0.0.1:$ByokTest::fake_http'");
is( $node->safe_psql('copy', q{SELECT triangle_query('after', 'user_123', 'tenant_abc') -> 'key_sources'}),
	'{"openai": "user_key", "deepseek": "system_key", "anthropic": "tenant_byok"}', 'restored keys open');
my ($sent) = grep { $_->{provider} eq 'openai' } @{ fake_get('requests') };
like($sent->{headers}{authorization}, qr/sk-test-dumped-user-openai-0000/, 'and are the ones that were stored');
is($node->safe_psql('copy', q{SELECT count(*) - count(DISTINCT id) FROM key_usage_log}), '0', 'ids continue after the dumped ones');
my ($code, $out, $err) = $node->psql('copy', q{INSERT INTO model_prices (provider, model, input_usd_per_mtok, output_usd_per_mtok) VALUES ('openai', 'gpt-4', 1, 2)});
like($err, qr/price of model "gpt-4" of provider "openai" overlaps row 1\d{6}/, 'restored prices are guarded');
ok(wait_until(30, sub { $node->safe_psql('copy', 'SELECT count(*) FROM credit_pending') eq '0' }), 'the grant that waited is booked');
is($node->safe_psql('copy', q{SELECT count(*) FROM byok_ledger WHERE amount_cents = 77}), '1', 'once');
is( $node->safe_psql('copy', q{SELECT r.state, h.state FROM triangle_requests r JOIN credit_holds h ON h.request_id = r.id WHERE r.id = '00000000-0000-4000-8000-000000000001'}),
	'unknown|released', 'the request that ran is lost, its hold released');
is($node->safe_psql('copy', q{SELECT trim_scale(held_usd) FROM byok_accounts WHERE owner_id = 'user_123'}), '0', 'and nothing is held');
is($node->safe_psql('copy', q{SELECT (SELECT chain_no FROM byok_ledger_head) > } . ($head =~ s/\|.*//r)), 't', 'the ledger went on');
is($node->safe_psql('copy', 'SELECT * FROM verify_ledger_chain()'), '', 'on the same chain');
is($node->safe_psql('copy', 'SELECT * FROM billing_invariants()'), '', 'and the books agree');

# a restart keeps everything
$node->restart;
is( $node->safe_psql('postgres', q{SELECT triangle_query('restarted', 'user_123') -> 'key_sources' -> 'openai'}), '"user_key"', 'keys survive a restart');

# another master key: reads fail by name, writes are refused, nothing is overwritten
{
	local $ENV{KEYRING_ENCRYPTION_KEY} = 'Zm9vYmFyYmF6cXV4LXRlc3Qta2V5LTAxMjM0NTY3ODk=';
	$node->restart;
	my ($code, $out, $err) = $node->psql('postgres', q{SELECT triangle_query('wrong', 'user_123', NULL, '{"providers": ["openai"]}')});
	like($err, qr/master key [0-9a-f]{16} is not loaded/, 'reading names the missing master key');
	($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT store_key('openai', 'sk-test-0123456789', 'user', 'new')");
	like($err, qr/ERROR:\s+55000: master key [0-9a-f]{16} is not the one of this database/, 'writing is refused');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM byok_keys'), '2', 'nothing was stored');
	is($node->safe_psql('postgres', q{SELECT byok_status() -> 'master_key' -> 'ready'}), 'false', 'and byok_status() says so');
}

# no master key at all: storing says how to make one, the platform's environment keys still work
{
	delete local $ENV{KEYRING_ENCRYPTION_KEY};
	$node->restart;
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT store_key('openai', 'sk-test-0123456789', 'user', 'new')");
	like($err, qr/ERROR:\s+55000: no master key is loaded/, 'storing without a master key is refused');
	like($err, qr/openssl rand -base64 32/, 'with the command that makes one');
	is($node->safe_psql('postgres', q{SELECT triangle_query('platform', 'nobody') -> 'key_sources' -> 'openai'}), '"system_key"', 'environment keys need none');
}

# a malformed one is refused without showing it
{
	local $ENV{KEYRING_ENCRYPTION_KEY} = 'password';
	$node->restart;
	my ($code, $out, $err) = $node->psql('postgres', q{SELECT store_key('openai', 'sk-test-0123456789', 'user', 'new')});
	like($err, qr/ERROR/, 'a weak master key is refused');
	unlike($err, qr/password/, 'and not shown');
}

# a key file: refused when others may read it, or when it lies in the data directory
{
	delete local $ENV{KEYRING_ENCRYPTION_KEY};
	my $file = Cwd::abs_path(PostgreSQL::Test::Utils::tempdir()) . '/master.key';
	append_to_file($file, "$ENV{BYOK_MASTER_KEY_FOR_FILES}\n");
	chmod 0644, $file;
	$node->append_conf('postgresql.conf', "byok.master_key_source = 'file:$file'");
	$node->restart;
	my ($code, $out, $err) = $node->psql('postgres', q{SELECT store_key('openai', 'sk-test-0123456789', 'user', 'new')});
	like($err, qr/mode 0600 or stricter/, 'a key file others may read is refused');
	chmod 0600, $file;
	is($node->safe_psql('postgres', q{SELECT triangle_query('file', 'user_123') -> 'key_sources' -> 'openai'}), '"user_key"', 'and used once it is safe');
	my $inside = Cwd::abs_path($node->data_dir) . '/master.key';
	append_to_file($inside, "$ENV{BYOK_MASTER_KEY_FOR_FILES}\n");
	chmod 0600, $inside;
	$node->append_conf('postgresql.conf', "byok.master_key_source = 'file:$inside'");
	$node->reload;
	($code, $out, $err) = $node->psql('postgres', q{SELECT store_key('openai', 'sk-test-0123456789', 'user', 'new')});
	like($err, qr/data directory/, 'a key file in the data directory is refused');
}

done_testing();
