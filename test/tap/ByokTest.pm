package ByokTest;

# What the process tests share: a cluster with the extension and a fake provider of their own, both gone at the end.

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use File::Temp ();
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes ();

our @EXPORT = qw(start_fake_provider start_server fake_control fake_get wait_until now_ms);

my ($fake, $directory);
our ($fake_http, $fake_https);
our $fake_ca = $ENV{BYOK_FAKE_CA};

sub now_ms { return Time::HiRes::time() * 1000 }

# Polls until the condition holds or `seconds` are over; returns whether it held.
sub wait_until
{
	my ($seconds, $condition) = @_;
	my $end = Time::HiRes::time() + $seconds;
	while (Time::HiRes::time() < $end)
	{
		return 1 if $condition->();
		Time::HiRes::sleep(0.01);
	}
	return 0;
}

# A fake provider of this test's own, so that tests can run side by side.
sub start_fake_provider
{
	$directory = File::Temp->newdir();
	my $ca = $fake_ca =~ s{/[^/]*$}{}r;
	my $ports = "$directory/ports.json";
	$fake = IPC::Run::start(
		[
			$ENV{BYOK_FAKE_PROVIDER}, '--http-port', 0, '--https-port', 0,
			'--cert', "$ca/server.pem", '--key', "$ca/server.key",
			'--ports-file', $ports, '--parent-pid', $$
		],
		'<', \undef, '>', "$directory/fake.log", '2>&1');
	wait_until(20, sub { -s $ports }) or BAIL_OUT('the fake provider did not start');
	my $json = JSON::PP::decode_json(PostgreSQL::Test::Utils::slurp_file($ports));
	($fake_http, $fake_https) = ($json->{http}, $json->{https});
	return $fake_http;
}

# POST /_control/<what> with a Perl value as JSON.
sub fake_control
{
	my ($what, $value) = @_;
	my $body = JSON::PP::encode_json($value // {});
	IPC::Run::run(
		[ 'curl', '-sS', '--fail', '-o', '/dev/null', '-X', 'POST', '-d', '@-', "http://127.0.0.1:$fake_http/_control/$what" ], '<', \$body)
	  or die "the fake provider refused $what";
	return;
}

# GET /_control/<what> as a Perl value.
sub fake_get
{
	my ($what) = @_;
	my $out;
	IPC::Run::run([ 'curl', '-sS', '--fail', "http://127.0.0.1:$fake_http/_control/$what" ], '>', \$out)
	  or die "the fake provider did not answer $what";
	return JSON::PP::decode_json($out);
}

# A cluster whose extension asks the fake provider.
sub start_server
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => $options{streaming} // 0);
	$node->append_conf('postgresql.conf', $options{conf} // '');
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION byok');
	point_at_fake($node, 'postgres');
	return $node;
}

sub point_at_fake
{
	my ($node, $database) = @_;
	my $base = "http://127.0.0.1:$fake_http";
	$node->safe_psql(
		$database, qq{
		UPDATE providers SET base_url = '$base/openai/v1', allow_private = true WHERE name = 'openai';
		UPDATE providers SET base_url = '$base/anthropic', allow_private = true WHERE name = 'anthropic';
		UPDATE providers SET base_url = '$base/deepseek', allow_private = true WHERE name = 'deepseek';
		ALTER DATABASE $database SET byok.system_key_origins = '$base';});
	return;
}

END
{
	my $status = $?;
	$fake->kill_kill(grace => 1) if $fake;
	$? = $status;
}

1;
