#!/usr/bin/perl
use strict;
use warnings;
my %count;
open(my $in, '<', 'text.txt') or die "text.txt: $!";
while (my $line = <$in>) {
    $count{lc $_}++ for $line =~ /[A-Za-z]+/g;
}
close $in;
for my $word (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count) {
    printf "%-10s %d\n", $word, $count{$word};
}
open(my $out, '>', 'counted.txt') or die;
print $out join(',', sort keys %count), "\n";
close $out;
my @stat = stat 'counted.txt';
print "$stat[7] bytes\n";
opendir(my $folder, 'tree') or die;
print join(' ', sort grep { !/^\./ } readdir $folder), "\n";
local $| = 1;
$SIG{USR1} = sub { print "signal\n" };
kill 'USR1', $$;
pipe(my $r, my $w);
syswrite $w, "through a pipe";
sysread $r, my $text, 100;
print "$text\n";
unlink 'counted.txt';
exit 2;
