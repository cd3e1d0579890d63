namespace CodexWeb.Agent.Workspaces;

/// <summary>Finds what somebody may have meant.</summary>
internal static class SimilarNames
{
    private const int Shown = 3;

    /// <summary>A sentence with the nearest names.</summary>
    internal static string Sentence(string wanted, IReadOnlyCollection<string> names)
    {
        var near = names
            .Select(name => (Name: name, Distance: Distance(wanted, name)))
            .Where(candidate => candidate.Distance <= Math.Max(2, wanted.Length / 3) || candidate.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase))
            .OrderBy(candidate => candidate.Distance)
            .Take(Shown)
            .Select(candidate => $"'{candidate.Name}'")
            .ToList();
        return near.Count > 0
            ? $"Similar: {string.Join(", ", near)}."
            : $"There are: {string.Join(", ", names.Take(Shown).Select(name => $"'{name}'"))}{(names.Count > Shown ? ", …" : "")}.";
    }

    /// <summary>Levenshtein's distance, without regard to case.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }

        return row[^1];
    }
}
