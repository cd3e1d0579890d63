using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using CodexWeb.Data;

namespace CodexWeb.Review;

/// <summary>Which part of an attempt's work is reviewed. Its text is <c>all</c>, <c>turn:2</c> or <c>against:</c> and another attempt's id.</summary>
/// <param name="Turn">What one turn did; null for everything since the base.</param>
/// <param name="Against">What another attempt of the task has instead: from this one's files to that one's. Null for this one's own change.</param>
public readonly record struct DiffScope(int? Turn, AttemptId? Against = null) : IParsable<DiffScope>
{
    private const string TurnMark = "turn:";
    private const string AgainstMark = "against:";

    /// <inheritdoc/>
    public static DiffScope Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var scope) ? scope : throw new FormatException("A scope is all, turn:N or against:ATTEMPT.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DiffScope result)
    {
        result = default;
        if (s is "all")
        {
            return true;
        }

        if (s?.StartsWith(TurnMark, StringComparison.Ordinal) is true && int.TryParse(s.AsSpan(TurnMark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var turn) && turn >= 1)
        {
            result = new DiffScope(turn);
            return true;
        }

        if (s?.StartsWith(AgainstMark, StringComparison.Ordinal) is true && AttemptId.TryParse(s[AgainstMark.Length..], CultureInfo.InvariantCulture, out var other))
        {
            result = new DiffScope(null, other);
            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Against is { } other ? $"{AgainstMark}{other}"
        : Turn is { } turn ? string.Create(CultureInfo.InvariantCulture, $"{TurnMark}{turn}")
        : "all";
}
