# Real TLS: verified against byok.ca_file, refused without it; HTTP/2 by ALPN.
use strict;
use warnings FATAL => 'all';
use ByokTest;
use Test::More;
use Time::HiRes ();

start_fake_provider();
my $node = start_server('https');
my $base = "https://localhost:$ByokTest::fake_https";
$node->safe_psql('postgres', qq{
	UPDATE providers SET base_url = '$base/openai/v1' WHERE name = 'openai';
	UPDATE providers SET base_url = '$base/anthropic' WHERE name = 'anthropic';
	UPDATE providers SET base_url = '$base/deepseek' WHERE name = 'deepseek';
	ALTER DATABASE postgres SET byok.system_key_origins = '$base';});

my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT triangle_query('unknown ca')");
like($err, qr/ERROR:\s+08006: could not get an answer from enough providers/, 'an unknown authority is refused');
like($err, qr/certificate/, 'and the reason says certificate');
is(fake_get('stats')->{requests}, 0, 'nothing was sent');

$node->append_conf('postgresql.conf', "byok.ca_file = '$ByokTest::fake_ca'");
$node->reload;
Time::HiRes::sleep(0.5);    # the router reads it at its next turn
is($node->safe_psql('postgres', q{SELECT triangle_query('over tls') -> 'success'}), 'true', 'with byok.ca_file the same query works');
my %versions = map { $_->{http_version} => 1 } @{ fake_get('requests') };
is(join(',', sort keys %versions), '2', 'over HTTP/2');

# the certificate is for localhost and 127.0.0.1 only
$node->safe_psql('postgres', "UPDATE providers SET base_url = 'https://127.0.0.2:$ByokTest::fake_https/openai/v1' WHERE name = 'openai'");
($code, $out, $err) = $node->psql('postgres', q{SELECT triangle_query('wrong name', NULL, NULL, '{"providers": ["openai"]}')});
like($err, qr/No openai API key available/, 'an environment key does not follow the provider to another origin');

# proxies and key logs of the environment are not obeyed
{
	local $ENV{https_proxy} = 'http://127.0.0.1:1';
	local $ENV{ALL_PROXY} = 'http://127.0.0.1:1';
	local $ENV{SSLKEYLOGFILE} = $node->basedir . '/tls-secrets';
	$node->restart;
	is($node->safe_psql('postgres', q{SELECT triangle_query('no proxy', NULL, NULL, '{"providers": ["anthropic", "deepseek"]}') -> 'success'}), 'true', 'a proxy variable is ignored');
	ok(!-e $ENV{SSLKEYLOGFILE}, 'no TLS secrets were written');
}

done_testing();
