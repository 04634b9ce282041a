#!/usr/bin/perl
# fork, wait, pipe opens, kill, alarm, signal handlers in perl.
use strict; use warnings; use POSIX ":sys_wait_h"; use IO::Handle;
$| = 1;
my @pids;
for my $i (1 .. 10) { my $pid = fork; die unless defined $pid; if (!$pid) { exit $i } push @pids, $pid }
print join(",", map { waitpid($_, 0); $? >> 8 } @pids), "\n";
print wait, "\n";
open(my $in, "-|", "seq 5") or die; my @lines = <$in>; close $in; print scalar(@lines), " $?\n";
open(my $out, "|-", "sort -rn") or die; print $out "$_\n" for 1 .. 3; close $out; print "$?\n";
my $kid = open(my $from, "-|"); if (!$kid) { print "from the child $_\n" for 1 .. 2; exit 4 } print while <$from>; close $from; print $? >> 8, "\n";
pipe(my $r, my $w); if (!fork) { close $r; print $w "through the pipe\n"; exit } close $w; print scalar <$r>; wait;
$SIG{USR1} = sub { print "handler $_[0]\n" }; kill USR1 => $$;
my $got = 0; $SIG{CHLD} = sub { $got++ while waitpid(-1, WNOHANG) > 0 };
for (1 .. 5) { if (!fork) { exit 0 } } select(undef, undef, undef, 0.02) until $got == 5; print "$got reaped\n"; $SIG{CHLD} = 'DEFAULT';
eval { local $SIG{ALRM} = sub { die "alarm\n" }; alarm 1; sleep 20; }; print $@;
my $sleeper = fork; if (!$sleeper) { exec "sleep", "30" } kill STOP => $sleeper; print waitpid($sleeper, WUNTRACED) == $sleeper ? "stopped\n" : "no\n";
kill KILL => $sleeper; waitpid $sleeper, 0; print $? & 127, "\n";
print system("exit 3;") >> 8, " ", system("sh", "-c", 'kill -TERM $$') & 127, " ", system("./missing 2>/dev/null") >> 8, "\n";
print `echo backticks; exit 2`, $? >> 8, "\n";
print "$0\n" =~ s/.*\///r; { local $0 = "renamed"; print `tr '\\0' ' ' </proc/$$/cmdline` =~ s/\s*$/\n/r; }
my $leader = fork; if (!$leader) { POSIX::setsid(); exit((getpgrp() == $$) ? 0 : 1) } waitpid $leader, 0; print "$?\n";
END { print "END\n" if defined $leader && $leader != 0 }
exec "echo", "exec'd"
