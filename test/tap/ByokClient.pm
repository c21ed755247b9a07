package ByokClient;

# A psql that its test never has to wait for: orders go in, lines come out, and anybody may be killed at any moment.

use strict;
use warnings FATAL => 'all';

use IO::Select ();
use IPC::Open3 ();
use Time::HiRes ();

sub start
{
	my ($class, $node) = @_;
	local $SIG{PIPE} = 'IGNORE';
	my $self = bless { out => '' }, $class;
	$self->{psql} = IPC::Open3::open3($self->{in}, $self->{from}, undef,
		'psql', '-X', '-q', '-A', '-t', '-w', '-f', '-', '-d', $node->connstr('postgres'));
	$self->{from}->blocking(0);
	$self->send("\\set VERBOSITY sqlstate\nSELECT 'backend ' || pg_backend_pid();\n\\echo ready\n");
	return $self;
}

# Whether the session is there.
sub ready
{
	my ($self) = @_;
	$self->wait_for(qr/^ready$/m, 30) or return 0;
	($self->{backend}) = $self->{out} =~ /^backend (\d+)$/m;
	return defined $self->{backend};
}

# A psql that is gone takes nothing; wait_for notices.
sub send
{
	my ($self, $text) = @_;
	local $SIG{PIPE} = 'IGNORE';
	while (length $text)
	{
		my $written = syswrite($self->{in}, $text) // return;
		substr($text, 0, $written, '');
	}
	return;
}

# Reads what is there, for at most `seconds` until something is.
sub read_some
{
	my ($self, $seconds) = @_;
	return if $self->{over};
	IO::Select->new($self->{from})->can_read($seconds) or return;
	my $read = sysread($self->{from}, $self->{out}, 65536, length $self->{out});
	$self->{over} = 1 if defined $read && $read == 0;
	return;
}

# Reads until the pattern is there (1), psql is gone or the time is over (0).
sub wait_for
{
	my ($self, $pattern, $seconds) = @_;
	my $end = Time::HiRes::time() + $seconds;
	for (;;)
	{
		return 1 if $self->{out} =~ $pattern;
		my $left = $end - Time::HiRes::time();
		return 0 if $self->{over} || $left <= 0;
		$self->read_some($left);
	}
}

# What was said since the last time.
sub take { my ($self) = @_; my $out = $self->{out}; $self->{out} = ''; return $out }

# Reads to the end of a psql that ends by itself; whether it did.
sub drain
{
	my ($self, $seconds) = @_;
	$self->wait_for(qr/(?!)/, $seconds);
	return $self->{over};
}

sub hurt { my ($self) = @_; kill 'KILL', $self->{psql}; return }

# The end of it, whatever it does; its exit status must not become the test's.
sub stop
{
	my ($self) = @_;
	local $?;
	kill 'KILL', $self->{psql};
	waitpid $self->{psql}, 0;
	close $self->{$_} for qw(in from);
	return;
}

1;
