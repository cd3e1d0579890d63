use v5.28;
use warnings;

use Test::More;

use Basket;
use Basket::Catalogue;
use Basket::Receipt 'receipt';

my $basket = Basket->new(catalogue => Basket::Catalogue->school_supplies);
$basket->add(notebook => 12)->add('atlas');

is receipt($basket), <<'TEXT', 'the receipt of README.md';
Notebook A5     12 x     2.50      28.50
                   less 5 %
School atlas     1 x    29.90      29.90
----------------------------------------
Net                                58.40
Tax                                 7.51
Total                              65.91
TEXT

done_testing;
