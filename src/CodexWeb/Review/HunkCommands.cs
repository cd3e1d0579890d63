using System.Globalization;
using System.Text;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Review;

/// <summary>In which diff hunks to take over are named.</summary>
public enum HunkSource
{
    /// <summary>From the taking attempt's files to the other's: always fits.</summary>
    Difference,

    /// <summary>The other attempt's whole change since the base: may conflict.</summary>
    Change,
}

/// <summary>
/// Takes hunks from one attempt over into another, and drops hunks of an attempt's own change. What would conflict is refused before anything begins; what fits becomes a turn
/// without a model, after which the checks run again.
/// </summary>
public sealed class HunkCommands(AttemptChanges changes, PatchTrials trials, TaskQueries queries, TaskCommands commands)
{
    /// <summary>Bytes of a change of which hunks can be taken.</summary>
    private const int LargestChange = 64 * 1024 * 1024;

    private const int LargestPatch = 8 * 1024 * 1024;
    private const int MostNames = 2_000;
    private const int MostPathsNamed = 20;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The files and hunks of a change, with the names they are taken and dropped by.</summary>
    public async Task<CommandResult<IReadOnlyList<NamedFile>>> ListAsync(AttemptId attempt, DiffScope scope, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(await RangeAsync(attempt, scope, cancellationToken), cancellationToken);
        return read is CommandResult<byte[]>.Done(var patch)
            ? new CommandResult<IReadOnlyList<NamedFile>>.Done([.. DiffParser.Parse(patch).Files.Select(NamedFile.Of)])
            : Same<IReadOnlyList<NamedFile>, byte[]>(read);
    }

    /// <summary>Takes hunks of another attempt over.</summary>
    /// <param name="into">The attempt that takes them; it must be at rest.</param>
    /// <param name="from">Another attempt of the same task.</param>
    /// <param name="hunks">Names, as <see cref="ListAsync"/> gives them.</param>
    /// <returns>The number of the turn that does it.</returns>
    public async Task<CommandResult<int>> TakeAsync(AttemptId into, AttemptId from, HunkSource source, IReadOnlyList<string> hunks, CancellationToken cancellationToken)
    {
        if (into == from)
        {
            return new CommandResult<int>.Invalid("from", "Name another attempt of the task: these are the attempt's own hunks.");
        }

        var between = await changes.BetweenAsync(into, from, cancellationToken);
        return between is CommandResult<ChangeRange>.Done(var difference)
            ? await ApplyAsync(
                into,
                source is HunkSource.Difference ? between : await changes.RangeAsync(from, turn: null, cancellationToken),
                difference.From,
                hunks,
                PatchDirection.Forward,
                task => $"of attempt {task.Attempts.FirstOrDefault(a => a.Id == from)?.Number.ToString(CultureInfo.InvariantCulture)}",
                cancellationToken)
            : Same<int, ChangeRange>(between);
    }

    /// <summary>Drops hunks of an attempt's own change.</summary>
    /// <param name="attempt">It must be at rest.</param>
    /// <param name="turn">The turn whose diff names them; null for the whole change.</param>
    /// <param name="hunks">Names, as <see cref="ListAsync"/> gives them.</param>
    /// <returns>The number of the turn that does it.</returns>
    public async Task<CommandResult<int>> DropAsync(AttemptId attempt, int? turn, IReadOnlyList<string> hunks, CancellationToken cancellationToken)
    {
        var whole = await changes.RangeAsync(attempt, turn: null, cancellationToken);
        return whole is CommandResult<ChangeRange>.Done(var change)
            ? await ApplyAsync(attempt, turn is null ? whole : await changes.RangeAsync(attempt, turn, cancellationToken), change.To, hunks, PatchDirection.Reverse, of: null, cancellationToken)
            : Same<int, ChangeRange>(whole);
    }

    private Task<CommandResult<ChangeRange>> RangeAsync(AttemptId attempt, DiffScope scope, CancellationToken cancellationToken) =>
        scope.Against is { } other ? changes.BetweenAsync(attempt, other, cancellationToken) : changes.RangeAsync(attempt, scope.Turn, cancellationToken);

    private async Task<CommandResult<int>> ApplyAsync(
        AttemptId attempt,
        CommandResult<ChangeRange> source,
        string files,
        IReadOnlyList<string> hunks,
        PatchDirection direction,
        Func<TaskDetails, string>? of,
        CancellationToken cancellationToken)
    {
        if (Names(hunks, out var names) is { } wrong)
        {
            return new CommandResult<int>.Invalid("hunks", wrong);
        }

        if (await queries.TaskOfAsync(attempt, cancellationToken) is not { } id || await queries.DetailsAsync(id, cancellationToken) is not { } task)
        {
            return new CommandResult<int>.NotFound("There is no such attempt.");
        }

        if (task.Mode is TaskMode.Ask || task.Attempts.Any(a => a.Id == attempt && a.IsActive))
        {
            return new CommandResult<int>.Refused(task.Mode is TaskMode.Ask ? "This task only asks: it changes nothing." : "The attempt is still at work. Wait until it has ended, or stop it first.");
        }

        var read = await ReadAsync(source, cancellationToken);
        if (read is not CommandResult<byte[]>.Done(var whole))
        {
            return Same<int, byte[]>(read);
        }

        var patch = HunkPatch.Cut(whole, names, direction);
        if (patch.Missing is [var missing, ..])
        {
            return new CommandResult<int>.Refused($"The change has no hunk {missing} any more. Load it again and choose anew.");
        }

        return await FitAsync(task, files, patch, direction, cancellationToken) is { } misfit
            ? new CommandResult<int>.Refused(misfit)
            : await commands.ApplyAsync(
                id, attempt, Prompt(patch, direction, of?.Invoke(task)), direction is PatchDirection.Reverse ? TurnSources.Drop : TurnSources.Hunks, Strict.GetString(patch.Bytes), cancellationToken);
    }

    private async Task<string?> FitAsync(TaskDetails task, string files, HunkPatch patch, PatchDirection direction, CancellationToken cancellationToken)
    {
        if (patch.Bytes.Length > LargestPatch)
        {
            return $"The hunks make a patch of {patch.Bytes.Length / 1024 / 1024} MiB; {LargestPatch / 1024 / 1024} MiB are the most at once. Choose fewer.";
        }

        if (!IsText(patch.Bytes))
        {
            return "The hunks hold bytes that are not UTF-8, which cannot be stored as a patch. Ask for the change in a follow-up.";
        }

        try
        {
            var trial = await trials.TryAsync(task.RepositoryId.ToString(), files, patch.Bytes, direction, cancellationToken);
            return trial.Applies ? null : $"Not all of the hunks fit, so nothing was changed. {string.Join(' ', trial.Conflicts)} Choose others, or ask for the change in a follow-up.";
        }
        catch (RepositoryException exception)
        {
            return exception.Message;
        }
    }

    private async Task<CommandResult<byte[]>> ReadAsync(CommandResult<ChangeRange> range, CancellationToken cancellationToken)
    {
        if (range is not CommandResult<ChangeRange>.Done(var commits))
        {
            return Same<byte[], ChangeRange>(range);
        }

        using var patch = new CappedStream(LargestChange);
        try
        {
            await changes.WriteAsync(commits, patch, cancellationToken);
            return patch.IsFull
                ? new CommandResult<byte[]>.Refused($"The change is larger than {LargestChange / 1024 / 1024} MiB, so hunks of it cannot be taken one by one.")
                : new CommandResult<byte[]>.Done(patch.ToArray());
        }
        catch (RepositoryException exception)
        {
            return new CommandResult<byte[]>.Refused(exception.Message);
        }
        catch (GitException exception)
        {
            return new CommandResult<byte[]>.Refused($"The change could not be read: {exception.Error.Trim()}");
        }
    }

    private static string? Names(IReadOnlyList<string> hunks, out HashSet<HunkName> names)
    {
        names = [];
        if (hunks.Count is 0 or > MostNames)
        {
            return hunks.Count == 0 ? "Choose at least one hunk." : $"Choose at most {MostNames} hunks at once.";
        }

        foreach (var hunk in hunks)
        {
            if (!HunkName.TryParse(hunk, out var name))
            {
                return "A hunk is named by its 16 hexadecimal digits, an @ and the line it begins at, as the list of hunks gives it.";
            }

            names.Add(name);
        }

        return null;
    }

    private static bool IsText(byte[] patch)
    {
        try
        {
            Strict.GetCharCount(patch);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static string Prompt(HunkPatch patch, PatchDirection direction, string? of)
    {
        var hunks = patch.Paths.Sum(path => Math.Max(1, path.Hunks));
        var named = patch.Paths.Take(MostPathsNamed).Select(path => $"`{path.Path.Replace('`', '\'')}`");
        var more = patch.Paths.Count > MostPathsNamed ? $" and {patch.Paths.Count - MostPathsNamed} more files" : "";
        return $"{(direction is PatchDirection.Reverse ? "Drop" : "Take")} {hunks} {(hunks == 1 ? "hunk" : "hunks")} {(of is null ? "" : of + " ")}in {string.Join(", ", named)}{more}.";
    }

    private static CommandResult<T> Same<T, TOther>(CommandResult<TOther> result) => result switch
    {
        CommandResult<TOther>.NotFound missing => new CommandResult<T>.NotFound(missing.What),
        CommandResult<TOther>.Refused refused => new CommandResult<T>.Refused(refused.Reason),
        CommandResult<TOther>.Invalid invalid => new CommandResult<T>.Invalid(invalid.Errors),
        _ => throw new ArgumentException("It was done.", nameof(result)),
    };

    /// <summary>Keeps what is written up to a size, and then only notes that there was more.</summary>
    private sealed class CappedStream(int most) : MemoryStream
    {
        public bool IsFull { get; private set; }

        // What is written any other way comes through here in the end.
        public override void Write(byte[] buffer, int offset, int count)
        {
            IsFull |= Length + count > most;
            if (!IsFull)
            {
                base.Write(buffer, offset, count);
            }
        }
    }
}

/// <summary>A changed file with the names of its hunks.</summary>
/// <param name="Old">Its path before, when it was moved or copied; else null.</param>
/// <param name="Name">Names the file's change as a whole when it has no hunks; null when it has.</param>
public sealed record NamedFile(string Path, string? Old, int Added, int Removed, string? Name, IReadOnlyList<NamedHunk> Hunks)
{
    internal static NamedFile Of(DiffFile file) => new(
        file.NewPath,
        file.Kind is DiffFileKind.Renamed or DiffFileKind.Copied ? file.OldPath : null,
        file.Added,
        file.Removed,
        file.Hunks.Count == 0 ? file.Hash : null,
        [.. file.Hunks.Select(hunk => new NamedHunk(new HunkName(hunk.Hash, hunk.OldStart).ToString(), hunk.OldStart, hunk.OldCount, hunk.NewStart, hunk.NewCount, hunk.Section))]);
}

/// <summary>A hunk and its name.</summary>
/// <param name="OldStart">First line before the change.</param>
/// <param name="OldCount">Lines before.</param>
/// <param name="NewStart">First line after it.</param>
/// <param name="NewCount">Lines after it.</param>
/// <param name="Section">What Git found as a heading for it; may be empty.</param>
public sealed record NamedHunk(string Name, int OldStart, int OldCount, int NewStart, int NewCount, string Section);
