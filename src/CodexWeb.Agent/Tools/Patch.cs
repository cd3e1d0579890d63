namespace CodexWeb.Agent.Tools;

/// <summary>A patch in the <c>*** Begin Patch</c> format, read but not yet compared with any file.</summary>
/// <param name="Hunks">In the patch's order; at least one.</param>
public sealed record Patch(IReadOnlyList<PatchHunk> Hunks);

/// <summary>What a patch does to one file. A closed union.</summary>
/// <param name="Path">As written in the patch, outer blanks removed; not checked.</param>
/// <param name="Line">Line of its header; 1 is <c>*** Begin Patch</c>.</param>
public abstract record PatchHunk(string Path, int Line)
{
    /// <summary>The header without its stars, for messages.</summary>
    public abstract string Title { get; }

    /// <summary>Writes a whole file, over whatever file is there.</summary>
    /// <param name="Lines">The content without line endings; empty for an empty file.</param>
    public sealed record Add(string Path, int Line, IReadOnlyList<string> Lines) : PatchHunk(Path, Line)
    {
        /// <inheritdoc/>
        public override string Title => $"Add File: {Path}";
    }

    /// <summary>Removes a file.</summary>
    public sealed record Delete(string Path, int Line) : PatchHunk(Path, Line)
    {
        /// <inheritdoc/>
        public override string Title => $"Delete File: {Path}";
    }

    /// <summary>Changes lines of a file, and moves it when <paramref name="MovedTo"/> is set.</summary>
    /// <param name="MovedTo">The new path as written; null when the file stays.</param>
    /// <param name="Chunks">In the order of the file; at least one.</param>
    public sealed record Update(string Path, int Line, string? MovedTo, IReadOnlyList<PatchChunk> Chunks) : PatchHunk(Path, Line)
    {
        /// <inheritdoc/>
        public override string Title => $"Update File: {Path}";
    }
}

/// <summary>One block of neighbouring lines to change.</summary>
/// <param name="Line">Line of the patch where it begins.</param>
/// <param name="Contexts">Texts of its <c>@@</c> lines: each names one line of the file, further down than the one before. Bare <c>@@</c> are not among them.</param>
/// <param name="Lines">At least one.</param>
/// <param name="AtEnd">True when <c>*** End of File</c> follows: the old lines are the file's last.</param>
public sealed record PatchChunk(int Line, IReadOnlyList<string> Contexts, IReadOnlyList<PatchLine> Lines, bool AtEnd);

/// <summary>One line of a chunk, without its first character and its line ending.</summary>
public readonly record struct PatchLine(PatchLineKind Kind, string Text);

/// <summary>What a line of a chunk says of the file.</summary>
public enum PatchLineKind
{
    /// <summary>It is there and stays.</summary>
    Context,

    /// <summary>It is put in.</summary>
    Add,

    /// <summary>It is there and goes.</summary>
    Remove,
}

/// <summary>A patch was refused. The message is for the model: it says which hunk, why, what the file holds there, and what became of the files.</summary>
/// <param name="reason">One or more sentences.</param>
/// <param name="outcome">What became of the files.</param>
public sealed class PatchException(string reason, string outcome = PatchException.NothingChanged) : Exception($"{reason}\n{outcome}")
{
    /// <summary>The outcome of every refusal but one: when putting files back failed too.</summary>
    public const string NothingChanged = "Nothing was changed: every file is as it was before this patch.";

    /// <summary>The same refusal, with the place in the patch before its reason.</summary>
    internal PatchException At(string place) => new($"{place}: {reason}", outcome);
}
