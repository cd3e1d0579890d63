use v5.28;
use warnings;

use Test::More;

use Basket::Catalogue;

my $catalogue = Basket::Catalogue->school_supplies;

is_deeply [ $catalogue->ids ], [qw(atlas notebook pencil ruler)], 'articles are listed by name';
is $catalogue->article('pencil')->{price}, 85, 'an article has a price';

eval { $catalogue->article('piano') };
like $@, qr/there is no article 'piano'/, 'an unknown article is named';

eval { Basket::Catalogue->new(eraser => { name => 'Eraser', price => 60 }) };
like $@, qr/article 'eraser' has no tax/, 'an article must be complete';

done_testing;
