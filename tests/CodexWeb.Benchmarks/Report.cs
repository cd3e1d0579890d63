using System.Globalization;

namespace CodexWeb.Benchmarks;

/// <summary>Prints what was measured, the same way for every benchmark that has a target.</summary>
internal static class Report
{
    /// <summary>The lowest, the middle and the highest of some measurements, and the value that 95 % do not exceed.</summary>
    internal static void Spread(string what, IReadOnlyCollection<double> values, string unit) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-58} min {Quantile(values, 0),8:#,0.0}   median {Quantile(values, 0.5),8:#,0.0}   95% {Quantile(values, 0.95),8:#,0.0}   max {Quantile(values, 1),8:#,0.0} {unit}"));

    /// <summary>Compares with a target that should not be exceeded.</summary>
    /// <returns>True when it is not.</returns>
    internal static bool AtMost(string what, double value, double target, string unit) => Judge(value <= target, what, value, "at most", target, unit);

    /// <summary>Compares with a target that should be reached.</summary>
    /// <returns>True when it is.</returns>
    internal static bool AtLeast(string what, double value, double target, string unit) => Judge(value >= target, what, value, "at least", target, unit);

    /// <summary>The value that this share of all does not exceed.</summary>
    /// <param name="share">0 for the lowest, 0.5 for the median, 1 for the highest.</param>
    internal static double Quantile(IReadOnlyCollection<double> values, double share) =>
        values.Order().ElementAt(Math.Clamp((int)Math.Ceiling(share * values.Count) - 1, 0, values.Count - 1));

    private static bool Judge(bool met, string what, double value, string bound, double target, string unit)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(met ? "PASS" : "FAIL")}  {what}: {value:#,0.0} {unit} ({bound} {target:#,0} {unit})"));
        return met;
    }
}
