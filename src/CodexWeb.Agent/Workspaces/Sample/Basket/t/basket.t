use v5.28;
use warnings;

use Test::More;

use Basket;
use Basket::Catalogue;
use Basket::Discount;

sub basket {
    my @options = @_;
    return Basket->new(catalogue => Basket::Catalogue->school_supplies, @options);
}

subtest 'an empty basket costs nothing' => sub {
    is basket()->total, 0, 'total';
};

subtest 'net, tax and total' => sub {
    my $basket = basket()->add(notebook => 2)->add('atlas');
    is $basket->net,   3490, 'net';
    is $basket->tax,   304,  'tax: 19 % of 5.00 and 7 % of 29.90';
    is $basket->total, 3794, 'total';
};

subtest 'the same article twice is one line' => sub {
    my @lines = basket()->add(pencil => 2)->add('ruler')->add(pencil => 3)->lines;
    is_deeply [ map { "$_->{quantity} $_->{name}" } @lines ], [ '5 Pencil HB', '1 Ruler 30 cm' ], 'lines';
};

subtest 'a discount lowers the net amount' => sub {
    my $half = Basket::Discount->new({ from => 3, percent => 50 });
    is basket(discount => $half)->add(notebook => 4)->net, 500, 'half of 4 x 2.50';
};

subtest 'bad input is refused' => sub {
    for my $quantity (0, -1, 'two') {
        eval { basket()->add(pencil => $quantity) };
        like $@, qr/'\Q$quantity\E' is not a number of pieces/, "$quantity pieces";
    }
    eval { basket()->add('piano') };
    like $@, qr/there is no article 'piano'/, 'an unknown article';
};

done_testing;
