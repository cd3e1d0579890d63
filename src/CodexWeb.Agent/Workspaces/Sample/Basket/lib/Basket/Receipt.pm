package Basket::Receipt;

# The receipt of a basket, as text of 40 columns.

use v5.28;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Basket::Money 'format_amount';
use Exporter 'import';

our @EXPORT_OK = qw(receipt);

sub receipt ($basket) {
    my @rows = map { _rows_of($_) } $basket->lines;
    return join '', map { "$_\n" } @rows, '-' x 40,
        _sum(Net => $basket->net), _sum(Tax => $basket->tax), _sum(Total => $basket->total);
}

sub _rows_of ($line) {
    my @rows = sprintf '%-14s %3d x %8s %10s',
        substr($line->{name}, 0, 14), $line->{quantity}, format_amount($line->{price}), format_amount($line->{net});
    push @rows, sprintf '%19sless %d %%', '', $line->{percent} if $line->{percent};
    return @rows;
}

sub _sum ($label, $cents) {
    return sprintf '%-30s%10s', $label, format_amount($cents);
}

1;
