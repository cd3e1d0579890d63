using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools;

/// <summary>What a patch did, or would do.</summary>
/// <param name="Changes">Each file once, in the order of the patch.</param>
public sealed record PatchResult(IReadOnlyList<ChangedFile> Changes)
{
    /// <summary>The answer for the model.</summary>
    public string Text => $"Success. Updated the following files:\n{Files}";

    /// <summary>One line for each file: new ones first (<c>A</c>), then changed ones at their new place (<c>M</c>), then removed ones (<c>D</c>).</summary>
    public string Files => string.Join('\n', [.. Lines(FileChangeKind.Add, 'A'), .. Lines(FileChangeKind.Update, 'M'), .. Lines(FileChangeKind.Delete, 'D')]);

    /// <summary>Folds what each hunk did into one entry for each file.</summary>
    internal static PatchResult Of(IEnumerable<ChangedFile> hunks)
    {
        var changes = new List<ChangedFile>();
        foreach (var next in hunks)
        {
            var index = changes.FindLastIndex(change => string.Equals(change.MovedTo ?? change.Path, next.Path, StringComparison.Ordinal));
            if (index < 0)
            {
                changes.Add(next);
                continue;
            }

            var before = changes[index];
            changes.RemoveAt(index);
            if (Joined(before, next) is { } joined)
            {
                changes.Insert(index, joined);
            }
        }

        return new PatchResult(changes);
    }

    // Lines of an earlier hunk that a later one takes out again count for neither.
    private static ChangedFile? Joined(ChangedFile before, ChangedFile next) => (before.Kind, next.Kind) switch
    {
        (FileChangeKind.Add, FileChangeKind.Delete) => before.Removed > 0 ? next with { Removed = before.Removed } : null,
        (FileChangeKind.Add, FileChangeKind.Update) => before with { Path = next.MovedTo ?? next.Path, Added = Math.Max(0, before.Added - next.Removed + next.Added) },
        (FileChangeKind.Add, FileChangeKind.Add) => before with { Added = next.Added },
        (FileChangeKind.Update, FileChangeKind.Update) =>
            before with { Added = before.Added + next.Added, Removed = before.Removed + next.Removed, MovedTo = next.MovedTo ?? before.MovedTo },
        (FileChangeKind.Update, FileChangeKind.Delete) => new ChangedFile(before.Path, FileChangeKind.Delete, 0, Math.Max(0, next.Removed - before.Added + before.Removed)),
        (FileChangeKind.Update, FileChangeKind.Add) => before with { Added = next.Added, Removed = Math.Max(0, next.Removed - before.Added + before.Removed) },
        (FileChangeKind.Delete, FileChangeKind.Add) => before with { Kind = FileChangeKind.Update, Added = next.Added },
        _ => next,
    };

    private IEnumerable<string> Lines(FileChangeKind kind, char letter) =>
        Changes.Where(change => change.Kind == kind).Select(change => $"{letter} {change.MovedTo ?? change.Path}");
}
