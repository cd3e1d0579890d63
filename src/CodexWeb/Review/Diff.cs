namespace CodexWeb.Review;

/// <summary>A parsed change of many files.</summary>
/// <param name="Files">In the order of the patch, at most <see cref="DiffLimits.Files"/>.</param>
/// <param name="FilesLeftOut">Files beyond that limit: counted, not kept.</param>
/// <param name="Added">Lines added, those of the files left out among them.</param>
/// <param name="Removed">Lines removed, those of the files left out among them.</param>
public sealed record Diff(IReadOnlyList<DiffFile> Files, int FilesLeftOut, int Added, int Removed)
{
    /// <summary>A change of nothing.</summary>
    public static Diff Empty { get; } = new([], 0, 0, 0);

    /// <summary>Roughly what it holds in memory, in bytes.</summary>
    public long RetainedBytes { get; init; }
}

/// <summary>What happened to a file.</summary>
public enum DiffFileKind
{
    /// <summary>Its content or its mode.</summary>
    Changed,

    /// <summary>It is new.</summary>
    Added,

    /// <summary>It is gone.</summary>
    Deleted,

    /// <summary>It moved, with or without other changes.</summary>
    Renamed,

    /// <summary>It began as a copy of another file.</summary>
    Copied,
}

/// <summary>One file of a change.</summary>
public sealed record DiffFile
{
    /// <summary>Where it was; the same as <see cref="NewPath"/> unless renamed or copied.</summary>
    public required string OldPath { get; init; }

    /// <summary>Where it is now; for a deleted file where it was.</summary>
    public required string NewPath { get; init; }

    /// <summary>What happened to it.</summary>
    public DiffFileKind Kind { get; init; }

    /// <summary>Git's mode before, for example <c>100644</c>; null when not given.</summary>
    public string? OldMode { get; init; }

    /// <summary>Git's mode after; null when not given.</summary>
    public string? NewMode { get; init; }

    /// <summary>True when Git sees no text in it: it has no hunks.</summary>
    public bool IsBinary { get; init; }

    /// <summary>True when its part of the patch passed a limit: it is counted, but has no hunks.</summary>
    public bool IsTooLarge { get; init; }

    /// <summary>True when some of its shown lines end in a carriage return and some do not.</summary>
    public bool HasMixedLineEndings { get; init; }

    /// <summary>Lines added.</summary>
    public int Added { get; init; }

    /// <summary>Lines removed.</summary>
    public int Removed { get; init; }

    /// <summary>Names this change of this file by its content: what a mark on a file without hunks belongs to.</summary>
    public required string Hash { get; init; }

    /// <summary>The changed places, top down.</summary>
    public IReadOnlyList<DiffHunk> Hunks { get; init; } = [];
}

/// <summary>One changed place of a file with the lines around it.</summary>
/// <param name="OldStart">First line before the change, 1 for the first of the file.</param>
/// <param name="OldCount">Lines before.</param>
/// <param name="NewStart">First line after the change.</param>
/// <param name="NewCount">Lines after.</param>
/// <param name="Section">What Git found as a heading for it, usually a function; may be empty.</param>
/// <param name="Hash">Names it by path and content alone: it stays when the place moves, and changes when a line of it does.</param>
public sealed record DiffHunk(int OldStart, int OldCount, int NewStart, int NewCount, string Section, string Hash, IReadOnlyList<DiffLine> Lines);

/// <summary>What happened to a line.</summary>
public enum DiffLineKind : byte
{
    /// <summary>It is there before and after.</summary>
    Context,

    /// <summary>It was there before.</summary>
    Removed,

    /// <summary>It is there after.</summary>
    Added,
}

/// <summary>One line of a hunk.</summary>
/// <param name="OldNumber">Its number before; null for an added line.</param>
/// <param name="NewNumber">Its number after; null for a removed line.</param>
/// <param name="Text">Without its line feed; a carriage return is kept. At most <see cref="DiffLimits.LineCharacters"/>.</param>
/// <param name="LeftOut">Bytes cut off its end; 0 for nearly all.</param>
/// <param name="EndsFile">True for a last line without a line feed.</param>
public readonly record struct DiffLine(DiffLineKind Kind, int? OldNumber, int? NewNumber, string Text, int LeftOut = 0, bool EndsFile = false);

/// <summary>What is kept of a patch. Beyond it things are counted and said to be left out.</summary>
public sealed record DiffLimits
{
    /// <summary>Files. Default: 10,000.</summary>
    public int Files { get; init; } = 10_000;

    /// <summary>Bytes of patch per file. Default: 16 MiB.</summary>
    public long FileBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of patch over all files. Default: 32 MiB.</summary>
    public long TotalBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Characters of a line. Default: 5,000.</summary>
    public int LineCharacters { get; init; } = 5_000;
}
