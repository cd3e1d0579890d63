namespace CodexWeb.Evaluation;

/// <summary>The chance that at least one of k samples passes, estimated without bias from n samples.</summary>
public static class PassAtK
{
    /// <summary>The estimate for one problem: 1 − C(n−c, k) / C(n, k).</summary>
    /// <remarks>Source: Chen et al., "Evaluating Large Language Models Trained on Code" (2021), equation 1. Computed as a product, since the binomials overflow.</remarks>
    /// <param name="samples">n, at least 1.</param>
    /// <param name="passed">c, from 0 to n.</param>
    /// <param name="k">From 1 to n.</param>
    /// <returns>From 0 to 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Estimate(int samples, int passed, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        ArgumentOutOfRangeException.ThrowIfNegative(passed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(passed, samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, samples);
        if (samples - passed < k)
        {
            return 1;
        }

        var nonePasses = 1.0;
        for (var i = samples - passed + 1; i <= samples; i++)
        {
            nonePasses *= 1 - ((double)k / i);
        }

        return 1 - nonePasses;
    }
}
