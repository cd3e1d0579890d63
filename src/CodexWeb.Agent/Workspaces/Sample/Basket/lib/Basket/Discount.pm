package Basket::Discount;

# A discount by quantity: the more pieces of one article, the higher the percentage.

use v5.28;
use warnings;
use feature 'signatures';
no warnings 'experimental::signatures';

use Carp 'croak';

# Each step says from how many pieces on which percentage is granted.
sub new ($class, @steps) {
    for my $step (@steps) {
        $step->{percent} >= 0 && $step->{percent} <= 100
            or croak "a discount of $step->{percent} percent makes no sense";
    }
    my @sorted = sort { $a->{from} <=> $b->{from} } @steps;
    return bless { steps => \@sorted }, $class;
}

# What README.md promises.
sub standard ($class) {
    return $class->new(
        { from => 10, percent => 5 },
        { from => 50, percent => 10 },
    );
}

# The percentage for so many pieces: that of the highest step they reach.
sub percent_for ($self, $quantity) {
    my $percent = 0;
    for my $step (@{ $self->{steps} }) {
        last if $quantity <= $step->{from};
        $percent = $step->{percent};
    }
    return $percent;
}

1;
