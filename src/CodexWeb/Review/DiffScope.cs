using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CodexWeb.Review;

/// <summary>Which part of an attempt's work is reviewed. Its text is <c>all</c> or <c>turn:2</c>.</summary>
/// <param name="Turn">What one turn did; null for everything since the base.</param>
public readonly record struct DiffScope(int? Turn) : IParsable<DiffScope>
{
    /// <inheritdoc/>
    public static DiffScope Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var scope) ? scope : throw new FormatException("A scope is all or turn:N.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DiffScope result)
    {
        result = default;
        if (s is "all")
        {
            return true;
        }

        if (s is null || !s.StartsWith("turn:", StringComparison.Ordinal) || !int.TryParse(s.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var turn) || turn < 1)
        {
            return false;
        }

        result = new DiffScope(turn);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Turn is { } turn ? string.Create(CultureInfo.InvariantCulture, $"turn:{turn}") : "all";
}
