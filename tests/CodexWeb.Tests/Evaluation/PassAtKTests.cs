using System.Numerics;
using CodexWeb.Evaluation;

namespace CodexWeb.Tests.Evaluation;

public sealed class PassAtKTests
{
    [Fact]
    public void It_is_one_minus_the_share_of_choices_without_a_pass()
    {
        for (var n = 1; n <= 40; n++)
        {
            for (var c = 0; c <= n; c++)
            {
                for (var k = 1; k <= n; k++)
                {
                    Assert.Equal(1 - (double)Choices(n - c, k) / (double)Choices(n, k), PassAtK.Estimate(n, c, k), 12);
                }
            }
        }
    }

    [Theory]
    [InlineData(10_000, 1, 1, 0.0001)]
    [InlineData(10_000, 5_000, 1, 0.5)]
    [InlineData(10_000, 0, 10_000, 0)]
    [InlineData(10_000, 1, 10_000, 1)]
    public void Many_samples_overflow_nothing(int samples, int passed, int k, double expected) => Assert.Equal(expected, PassAtK.Estimate(samples, passed, k), 9);

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(5, 6, 1)]
    [InlineData(5, -1, 1)]
    [InlineData(5, 1, 6)]
    [InlineData(5, 1, 0)]
    public void What_cannot_be_estimated_is_refused(int samples, int passed, int k) => Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.Estimate(samples, passed, k));

    private static BigInteger Choices(int from, int of)
    {
        var choices = BigInteger.One;
        for (var i = 0; i < of; i++)
        {
            choices = choices * (from - i) / (i + 1);
        }

        return from < of ? 0 : choices;
    }
}
