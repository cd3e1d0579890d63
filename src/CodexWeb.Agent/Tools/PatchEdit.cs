namespace CodexWeb.Agent.Tools;

/// <summary>Finds the chunks of one update in its file and makes the new content.</summary>
internal sealed class PatchEdit(PatchTextFile file, PatchMatcher matcher)
{
    private readonly HashSet<int> _removed = [];
    private readonly List<(int Index, string Text)> _insertions = [];

    // Index of the first line the next chunk may name.
    private int _cursor;

    /// <summary>Lines put in so far.</summary>
    public int Added => _insertions.Count;

    /// <summary>Lines taken out so far.</summary>
    public int Removed => _removed.Count;

    /// <summary>Places the chunks and answers the new content.</summary>
    /// <exception cref="PatchException">A chunk's place is not in the file.</exception>
    public byte[] Apply(IReadOnlyList<PatchChunk> chunks)
    {
        for (var i = 0; i < chunks.Count; i++)
        {
            try
            {
                Place(chunks[i]);
            }
            catch (PatchException e)
            {
                throw e.At($"chunk {i + 1} (line {chunks[i].Line} of the patch)");
            }
        }

        // Stable: lines for the same place keep the patch's order.
        return file.With(_removed, [.. _insertions.OrderBy(insertion => insertion.Index)]);
    }

    private void Place(PatchChunk chunk)
    {
        foreach (var context in chunk.Contexts)
        {
            _cursor = matcher.Find(file, [Unmarked(context)], _cursor) + 1
                ?? throw new PatchException(PatchReport.ContextNotFound(file, context, _cursor));
        }

        var old = Old(chunk.Lines);
        if (old.Count == 0)
        {
            Insert(chunk);
            return;
        }

        if (Find(chunk, old) is { } place)
        {
            Replace(chunk.Lines, place);
            return;
        }

        // Models write an empty last line for the newline that ends the file, or for the blank line before the next hunk.
        if (old[^1].Length == 0)
        {
            var fewer = WithoutLastEmpty(chunk.Lines);
            var rest = Old(fewer);
            if (rest.Count > 0 && Find(chunk, rest) is { } shorter)
            {
                Replace(fewer, shorter);
                return;
            }

            if (rest.Count == 0 && fewer.Count > 0)
            {
                Insert(chunk with { Lines = fewer });
                return;
            }
        }

        throw new PatchException(PatchReport.LinesNotFound(file, chunk, old, _cursor, matcher));
    }

    private int? Find(PatchChunk chunk, IReadOnlyList<string> lines) =>
        chunk.AtEnd ? matcher.FindAtEnd(file, lines, _cursor) : matcher.Find(file, lines, _cursor);

    private List<string> Old(IReadOnlyList<PatchLine> lines) =>
        [.. lines.Where(line => line.Kind is not PatchLineKind.Add).Select(line => Unmarked(line.Text))];

    // A model that saw the byte-order mark repeats it.
    private string Unmarked(string line) => file.HasMark ? line.TrimStart('\uFEFF') : line;

    private void Insert(PatchChunk chunk)
    {
        var index = chunk.Contexts.Count > 0 && !chunk.AtEnd ? _cursor : file.Count;
        _insertions.AddRange(chunk.Lines.Select(line => (index, line.Text)));
    }

    private void Replace(IReadOnlyList<PatchLine> lines, int place)
    {
        foreach (var line in lines)
        {
            switch (line.Kind)
            {
                case PatchLineKind.Add:
                    _insertions.Add((place, line.Text));
                    break;
                case PatchLineKind.Remove:
                    _removed.Add(place++);
                    break;
                default:
                    place++;
                    break;
            }
        }

        _cursor = place;
    }

    // The chunk without its last old line, which is empty. New lines are those the chunk asks for, less an empty one at their end that stood for the same.
    private static List<PatchLine> WithoutLastEmpty(IReadOnlyList<PatchLine> lines)
    {
        var fewer = lines.ToList();
        var last = fewer.FindLastIndex(line => line.Kind is not PatchLineKind.Add);
        var kind = fewer[last].Kind;
        fewer.RemoveAt(last);
        if (kind is PatchLineKind.Context && last < fewer.Count)
        {
            fewer.Insert(last, new PatchLine(PatchLineKind.Add, ""));
        }

        if ((kind is PatchLineKind.Remove || last < fewer.Count) && fewer is [.., { Kind: PatchLineKind.Add, Text: "" }])
        {
            fewer.RemoveAt(fewer.Count - 1);
        }

        return fewer;
    }
}
