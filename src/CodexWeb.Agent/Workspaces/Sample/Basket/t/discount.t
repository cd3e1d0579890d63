use v5.28;
use warnings;

use Test::More;

use Basket::Discount;

my $discount = Basket::Discount->standard;

subtest 'the table in README.md' => sub {
    my @table = (
        [ 1,   0 ],
        [ 9,   0 ],
        [ 10,  5 ],
        [ 49,  5 ],
        [ 50,  10 ],
        [ 500, 10 ],
    );
    for my $row (@table) {
        my ($quantity, $percent) = @$row;
        is $discount->percent_for($quantity), $percent, "$quantity pieces: $percent percent";
    }
};

subtest 'steps may be given in any order' => sub {
    my $discount = Basket::Discount->new({ from => 20, percent => 8 }, { from => 5, percent => 2 });
    is $discount->percent_for(12), 2, 'the lower step';
    is $discount->percent_for(30), 8, 'the higher step';
};

subtest 'a step must make sense' => sub {
    eval { Basket::Discount->new({ from => 5, percent => 120 }) };
    like $@, qr/a discount of 120 percent makes no sense/, 'more than all is refused';
};

done_testing;
