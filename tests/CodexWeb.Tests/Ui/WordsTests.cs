using CodexWeb.Ui;

namespace CodexWeb.Tests.Ui;

public sealed class WordsTests
{
    [Theory]
    [InlineData(0, "0.00 s")]
    [InlineData(0.04, "0.04 s")]
    [InlineData(0.1, "0.1 s")]
    [InlineData(9.94, "9.9 s")]
    [InlineData(9.96, "9 s")]
    [InlineData(59.9, "59 s")]
    [InlineData(60, "1 min 0 s")]
    [InlineData(3_599, "59 min 59 s")]
    [InlineData(3_840, "1 h 4 min")]
    [InlineData(-3, "0.00 s")]
    public void A_duration_has_as_many_digits_as_one_cares_for(double seconds, string words) =>
        Assert.Equal(words, Words.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0.4, "0 s")]
    [InlineData(8.9, "8 s")]
    [InlineData(63, "1 min 3 s")]
    [InlineData(-1, "0 s")]
    public void A_running_clock_counts_whole_seconds(double seconds, string words) => Assert.Equal(words, Words.Clock(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "now")]
    [InlineData(59, "59 s")]
    [InlineData(3_599, "59 min")]
    [InlineData(80_000, "22 h")]
    [InlineData(86_400, "yesterday")]
    [InlineData(3 * 86_400, "Tue")]
    [InlineData(20 * 86_400, "28 Feb")]
    [InlineData(200 * 86_400, "1 Sep 2025")]
    public void An_age_is_said_as_people_say_it(int seconds, string words)
    {
        var now = new DateTimeOffset(2026, 3, 20, 23, 0, 0, TimeSpan.Zero);
        Assert.Equal(words, Words.Age(now.AddSeconds(-seconds), now));
    }

    [Theory]
    [InlineData(2, "just now")]
    [InlineData(59, "59 s ago")]
    [InlineData(3 * 3600, "3 h ago")]
    [InlineData(86_400, "yesterday")]
    [InlineData(40 * 86_400, "on ")]
    public void An_age_stands_in_a_sentence(int seconds, string begin)
    {
        var now = new DateTimeOffset(2026, 3, 18, 12, 0, 0, TimeSpan.Zero);

        Assert.StartsWith(begin, Words.Ago(now.AddSeconds(-seconds), now), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "1st")]
    [InlineData(2, "2nd")]
    [InlineData(3, "3rd")]
    [InlineData(11, "11th")]
    [InlineData(12, "12th")]
    [InlineData(13, "13th")]
    [InlineData(22, "22nd")]
    [InlineData(112, "112th")]
    public void A_place_in_a_line_is_an_ordinal(int number, string words) => Assert.Equal(words, Words.Ordinal(number));

    [Fact]
    public void Numbers_are_grouped_and_money_has_its_currency()
    {
        Assert.Equal("1,204 files", Words.Count(1204, "file"));
        Assert.Equal("1 log entry", Words.Count(1, "log entry", "log entries"));
        Assert.Equal("$1,234.50", Words.Money(1234.5m));
        Assert.Equal("less than $0.01", Words.Money(0.004m));
        Assert.Equal("64 KiB", Words.Bytes(65_536));
    }
}
