use v5.28;
use warnings;

use Test::More;

use Basket::Money qw(format_amount parse_amount percent_of);

is format_amount(1250), '12.50', 'cents become an amount';
is format_amount(5),    '0.05',  'small amounts keep their zeros';
is format_amount(-5),   '-0.05', 'negative amounts keep their sign';

is parse_amount('12.50'), 1250, 'an amount becomes cents';
is parse_amount('12'),    1200, 'whole units need no point';

for my $text ('', '12.5', '1,20', 'free') {
    eval { parse_amount($text) };
    like $@, qr/\A'\Q$text\E' is not an amount/, "'$text' is refused";
}

is percent_of(19, 250), 48, 'half a cent is rounded up';
is percent_of(7,  100), 7,  'what is even stays even';
is percent_of(0,  999), 0,  'nothing of something is nothing';

done_testing;
