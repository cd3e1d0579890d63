namespace CodexWeb.Tasks;

/// <summary>Finds paths by a few of their characters, as people type them: in order, not necessarily side by side.</summary>
internal static class FuzzyPaths
{
    /// <summary>The best of the paths that have all the characters of the query in order.</summary>
    /// <param name="query">Empty: the shallowest paths.</param>
    /// <param name="most">So many are given.</param>
    /// <returns>The best first, and how many match in all.</returns>
    public static (IReadOnlyList<string> Paths, int Found) Find(IReadOnlyList<string> paths, string query, int most)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(query);
        var best = new PriorityQueue<string, (int Score, int Order)>();
        var found = 0;
        for (var at = 0; at < paths.Count; at++)
        {
            if (Score(paths[at], query) is not { } score)
            {
                continue;
            }

            found++;
            // The worst comes out first, so that what stays are the best.
            best.Enqueue(paths[at], (score, -at));
            if (best.Count > most)
            {
                best.Dequeue();
            }
        }

        var chosen = new List<string>(best.Count);
        while (best.TryDequeue(out var path, out _))
        {
            chosen.Add(path);
        }

        chosen.Reverse();
        return (chosen, found);
    }

    /// <summary>How well a path fits; null when it does not.</summary>
    internal static int? Score(string path, string query)
    {
        var name = path.LastIndexOf('/') + 1;
        var shallow = -path.Length - 8 * path.AsSpan().Count('/');
        if (query.Length == 0)
        {
            return shallow;
        }

        // Typed as it stands, best in the file's name, best of all at its beginning.
        if (path.AsSpan(name).IndexOf(query, StringComparison.OrdinalIgnoreCase) is >= 0 and var inName)
        {
            return shallow + 10_000 + (inName == 0 ? 2_000 : IsStart(path, name + inName) ? 1_000 : 0) + (path.Length - name == query.Length ? 2_000 : 0);
        }

        return path.Contains(query, StringComparison.OrdinalIgnoreCase) ? shallow + 5_000 : Scattered(path, query, name) is { } scattered ? shallow + scattered : null;
    }

    // From the end: the characters typed last are mostly of the file's name.
    private static int? Scattered(string path, string query, int name)
    {
        var (score, at, previous) = (0, path.Length - 1, -1);
        for (var typed = query.Length - 1; typed >= 0; typed--)
        {
            var wanted = char.ToLowerInvariant(query[typed]);
            while (at >= 0 && char.ToLowerInvariant(path[at]) != wanted)
            {
                at--;
            }

            if (at < 0)
            {
                return null;
            }

            score += (IsStart(path, at) ? 30 : 0) + (previous == at + 1 ? 20 : 0) + (at >= name ? 10 : 0);
            previous = at--;
        }

        return score;
    }

    // A word begins behind a separator, or with a capital.
    private static bool IsStart(string path, int at) => at == 0 || !char.IsLetterOrDigit(path[at - 1]) || (char.IsUpper(path[at]) && char.IsLower(path[at - 1]));
}
