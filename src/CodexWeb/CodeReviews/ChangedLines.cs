using CodexWeb.Review;

namespace CodexWeb.CodeReviews;

/// <summary>Holds lines against a change: which of them it shows, and where lines of before are after it.</summary>
public sealed class ChangedLines(Diff diff)
{
    private readonly ILookup<string, DiffFile> _after = diff.Files.Where(static file => file.Kind is not DiffFileKind.Deleted).ToLookup(static file => file.NewPath, StringComparer.Ordinal);
    private readonly ILookup<string, DiffFile> _before = diff.Files.Where(static file => file.Kind is not (DiffFileKind.Added or DiffFileKind.Copied)).ToLookup(static file => file.OldPath, StringComparer.Ordinal);

    /// <summary>
    /// The part of some lines, as they are after the change, that can carry a comment: they lie in one hunk, its unchanged lines included, the one that has most of them.
    /// </summary>
    /// <returns>Null when no hunk has any of them.</returns>
    public LinesOfFile? Clamp(LinesOfFile lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        // A renamed file may be called by its old name.
        var file = _after[lines.Path].FirstOrDefault() ?? _before[lines.Path].FirstOrDefault(static file => file.Kind is DiffFileKind.Renamed);
        return file?.Hunks
            .Where(static hunk => hunk.NewCount > 0)
            .Select(hunk => new LinesOfFile(file.NewPath, Math.Max(lines.First, hunk.NewStart), Math.Min(lines.Last, hunk.NewStart + hunk.NewCount - 1)))
            .Where(static part => part.First <= part.Last)
            .MaxBy(static part => part.Last - part.First);
    }

    /// <summary>Where lines of before are after the change, when none of them was changed and nothing came between them.</summary>
    /// <returns>Null when they were changed or are gone.</returns>
    public LinesOfFile? Follow(LinesOfFile lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        if (_before[lines.Path].FirstOrDefault() is not { } file)
        {
            // What is not in the change is as it was; what another file replaced is not.
            return _after[lines.Path].Any() ? null : lines;
        }

        if (file.Kind is DiffFileKind.Deleted || file.IsBinary || file.IsTooLarge)
        {
            return null;
        }

        var shift = 0;
        foreach (var hunk in file.Hunks)
        {
            // A side without lines names the line before the place.
            var next = hunk.OldCount == 0 ? hunk.OldStart + 1 : hunk.OldStart;
            foreach (var line in hunk.Lines)
            {
                if (line.Kind is DiffLineKind.Added ? next > lines.First && next <= lines.Last : line.Kind is DiffLineKind.Removed && next >= lines.First && next <= lines.Last)
                {
                    return null;
                }

                shift += line.Kind switch
                {
                    DiffLineKind.Added when next <= lines.First => 1,
                    DiffLineKind.Removed when next < lines.First => -1,
                    _ => 0,
                };
                next += line.Kind is DiffLineKind.Added ? 0 : 1;
            }
        }

        return new LinesOfFile(file.NewPath, lines.First + shift, lines.Last + shift);
    }
}
