using System.Text.RegularExpressions;

namespace CodexWeb.Review;

/// <summary>Finds a text in a command's output, whatever its colours and capitals.</summary>
internal static partial class OutputSearch
{
    /// <summary>Hits given, at most.</summary>
    public const int MostHits = 1_000;

    private const int SearchedOfLine = 20_000;

    public static async Task<OutputHits> FindAsync(Stream output, string text, CancellationToken cancellationToken)
    {
        var hits = new List<long>();
        var number = 0L;
        await foreach (var line in OutputLines.ReadAsync(output, SearchedOfLine, cancellationToken))
        {
            var plain = line.Contains('\e', StringComparison.Ordinal) ? Colours().Replace(line, "") : line;
            if (plain.Contains(text, StringComparison.OrdinalIgnoreCase))
            {
                if (hits.Count == MostHits)
                {
                    return new OutputHits(hits, More: true);
                }

                hits.Add(number);
            }

            number++;
        }

        return new OutputHits(hits, More: false);
    }

    [GeneratedRegex("\e\\[[0-9;:]{0,64}[A-Za-z]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Colours();
}
