package Basket::Catalogue;

# What can be bought: an article has a name, a net price in cents and a tax rate in percent.

use v5.28;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Carp 'croak';

sub new ($class, %articles) {
    for my $id (sort keys %articles) {
        for my $field (qw(name price tax)) {
            defined $articles{$id}{$field} or croak "article '$id' has no $field";
        }
    }
    return bless { articles => \%articles }, $class;
}

# The catalogue of the example shop.
sub school_supplies ($class) {
    return $class->new(
        atlas    => { name => 'School atlas', price => 2990, tax => 7 },
        notebook => { name => 'Notebook A5',  price => 250,  tax => 19 },
        pencil   => { name => 'Pencil HB',    price => 85,   tax => 19 },
        ruler    => { name => 'Ruler 30 cm',  price => 195,  tax => 19 },
    );
}

sub article ($self, $id) {
    return $self->{articles}{$id} // croak "there is no article '$id'";
}

sub ids ($self) {
    return sort keys %{ $self->{articles} };
}

1;
