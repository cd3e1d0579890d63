package Basket;

# A shopping basket: articles in; net amount, tax and total out. All amounts are whole cents.

use v5.28;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Basket::Discount;
use Basket::Money 'percent_of';
use Carp 'croak';
use List::Util 'sum0';

our $VERSION = '0.4.0';

sub new ($class, %options) {
    my $catalogue = $options{catalogue} or croak 'a basket needs a catalogue';
    return bless {
        catalogue => $catalogue,
        discount  => $options{discount} // Basket::Discount->standard,
        quantity  => {},
        order     => [],
    }, $class;
}

# Adding an article again adds to its quantity.
sub add ($self, $id, $quantity = 1) {
    $self->{catalogue}->article($id);
    $quantity =~ /\A[1-9]\d*\z/ or croak "'$quantity' is not a number of pieces";
    push @{ $self->{order} }, $id unless exists $self->{quantity}{$id};
    $self->{quantity}{$id} += $quantity;
    return $self;
}

# One line per article, in the order in which they were first added.
sub lines ($self) {
    return map { $self->_line($_) } @{ $self->{order} };
}

sub net ($self) {
    return sum0 map { $_->{net} } $self->lines;
}

# Rounded once per tax rate, as the tax office wants it.
sub tax ($self) {
    my %net_by_rate;
    $net_by_rate{ $_->{tax} } += $_->{net} for $self->lines;
    return sum0 map { percent_of($_, $net_by_rate{$_}) } keys %net_by_rate;
}

sub total ($self) {
    return $self->net + $self->tax;
}

sub _line ($self, $id) {
    my $article  = $self->{catalogue}->article($id);
    my $quantity = $self->{quantity}{$id};
    my $percent  = $self->{discount}->percent_for($quantity);
    my $gross    = $quantity * $article->{price};
    return {
        name     => $article->{name},
        quantity => $quantity,
        price    => $article->{price},
        percent  => $percent,
        net      => $gross - percent_of($percent, $gross),
        tax      => $article->{tax},
    };
}

1;
