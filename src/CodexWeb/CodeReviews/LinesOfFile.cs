namespace CodexWeb.CodeReviews;

/// <summary>Some lines of a file.</summary>
/// <param name="Path">From the repository's root.</param>
/// <param name="First">From 1.</param>
/// <param name="Last">Not before <paramref name="First"/>.</param>
public sealed record LinesOfFile(string Path, int First, int Last)
{
    /// <summary>True when a line is in both.</summary>
    public bool Overlaps(LinesOfFile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return string.Equals(Path, other.Path, StringComparison.Ordinal) && First <= other.Last && other.First <= Last;
    }

    /// <summary>As people write it: <c>src/a.cs:12</c> or <c>src/a.cs:12-18</c>.</summary>
    public override string ToString() => First == Last ? FormattableString.Invariant($"{Path}:{First}") : FormattableString.Invariant($"{Path}:{First}-{Last}");
}
