package Basket::Money;

# Amounts of money: whole cents inside, a decimal point only for people.

use v5.28;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Carp 'croak';
use Exporter 'import';

our @EXPORT_OK = qw(format_amount parse_amount percent_of);

# 1250 becomes "12.50".
sub format_amount ($cents) {
    my $sign = $cents < 0 ? '-' : '';
    return sprintf '%s%d.%02d', $sign, abs($cents) / 100, abs($cents) % 100;
}

# "12.50" and "12" become 1250 and 1200.
sub parse_amount ($text) {
    my ($units, $cents) = $text =~ /\A(\d+)(?:\.(\d\d))?\z/
        or croak "'$text' is not an amount such as 12.50";
    return $units * 100 + ($cents // 0);
}

# So many percent of an amount, rounded half up to a whole cent.
sub percent_of ($percent, $cents) {
    return int(($cents * $percent + 50) / 100);
}

1;
