using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CodexWeb.Review;

/// <summary>
/// Names a hunk of a change by its content and, since the same lines may stand twice, by its first line before the change: <c>0f3c…@12</c>.
/// Without a line it names all of that content, or a file without hunks (binary, moved, of another mode).
/// </summary>
/// <param name="Hash">As <see cref="DiffHunk.Hash"/> or <see cref="DiffFile.Hash"/>.</param>
/// <param name="Line">As <see cref="DiffHunk.OldStart"/>; null for any.</param>
internal readonly record struct HunkName(string Hash, int? Line)
{
    private const int HashLength = 16;

    public static bool TryParse([NotNullWhen(true)] string? text, out HunkName name)
    {
        name = default;
        var parts = text?.Split('@') ?? [];
        if (parts is not ([_] or [_, _]) || parts[0].Length != HashLength || !parts[0].All(char.IsAsciiHexDigitLower))
        {
            return false;
        }

        int? line = null;
        if (parts.Length == 2)
        {
            if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            line = number;
        }

        name = new HunkName(parts[0], line);
        return true;
    }

    public bool Means(DiffHunk hunk) => string.Equals(Hash, hunk.Hash, StringComparison.Ordinal) && (Line is null || Line == hunk.OldStart);

    public bool Means(DiffFile file) => file.Hunks.Count == 0 && string.Equals(Hash, file.Hash, StringComparison.Ordinal);

    public override string ToString() => Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"{Hash}@{line}") : Hash;
}
