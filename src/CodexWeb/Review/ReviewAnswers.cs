using System.Text.Json.Serialization;

namespace CodexWeb.Review;

/// <summary>A change without its lines: what the list needs to know its files, its height and what was viewed.</summary>
/// <param name="At">Names this state of the change; rows are asked for with it.</param>
/// <param name="Commit">The commit after the change.</param>
internal sealed record DiffAnswer(string At, string Commit, IReadOnlyList<FileAnswer> Files, int FilesLeftOut, int Added, int Removed);

/// <summary>A file of a <see cref="DiffAnswer"/>.</summary>
/// <param name="Old">The old path of a renamed or copied file; else null.</param>
internal sealed record FileAnswer(
    string Path,
    string? Old,
    DiffFileKind Kind,
    string? OldMode,
    string? NewMode,
    bool Binary,
    bool Image,
    bool TooLarge,
    bool MixedEndings,
    int Added,
    int Removed,
    FileGroup Group,
    string Hash,
    IReadOnlyList<HunkAnswer> Hunks);

/// <summary>A hunk of a <see cref="FileAnswer"/>.</summary>
/// <param name="Old">First line and number of lines before.</param>
/// <param name="New">First line and number of lines after.</param>
/// <param name="Rows">How many rows it takes in the layout asked for.</param>
internal sealed record HunkAnswer(int[] Old, int[] New, int Rows, string Section, string Hash);

/// <summary>Rows of a file.</summary>
internal sealed record RowsAnswer(IReadOnlyList<RowAnswer> Rows);

/// <summary>One row; in a unified layout one side only.</summary>
internal sealed record RowAnswer(CellAnswer? L, CellAnswer? R);

/// <summary>One side of a row. The names are short because there are many.</summary>
/// <param name="K">c, r or a: context, removed, added.</param>
/// <param name="O">Number before; null in the parts of a wrapped line after the first.</param>
/// <param name="N">Number after; likewise.</param>
/// <param name="T">The text.</param>
/// <param name="M">Changed words: start, length, start, length…</param>
/// <param name="X">Bytes of the line that are not shown.</param>
/// <param name="E">True for a last line without a line feed.</param>
/// <param name="I">Index of the line in its hunk; -1 for a line around a hunk.</param>
internal sealed record CellAnswer(char K, int? O, int? N, string T, int[]? M, int? X, bool? E, int I);

/// <summary>Lines around a hunk.</summary>
/// <param name="Total">Lines of the whole file.</param>
internal sealed record ContextAnswer(IReadOnlyList<RowAnswer> Rows, int Total);

/// <summary>Where a line of a file stands in a layout.</summary>
/// <param name="Hunk">Index of its hunk; null when no hunk has it.</param>
/// <param name="Row">Its last row, counted from the first row of the file's first hunk.</param>
internal sealed record PlaceAnswer(int? Hunk, int Row);

/// <summary>A file of a repository at a commit.</summary>
/// <param name="Problem">Why there are no lines, in a sentence; else null.</param>
internal sealed record TextAnswer(IReadOnlyList<string> Lines, long Size, string? Problem);

/// <summary>Lines of a command's output.</summary>
/// <param name="Total">Lines there are now.</param>
/// <param name="Bytes">Bytes there are now.</param>
internal sealed record OutputAnswer(IReadOnlyList<string> Lines, long Total, long Bytes);

/// <summary>Where a text occurs in a command's output.</summary>
/// <param name="Lines">Numbers of the lines, 0 for the first, at most <see cref="OutputSearch.MostHits"/>.</param>
/// <param name="More">True when there are more.</param>
internal sealed record OutputHits(IReadOnlyList<long> Lines, bool More);

/// <summary>The JSON of the review's lists.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(DiffAnswer))]
[JsonSerializable(typeof(RowsAnswer))]
[JsonSerializable(typeof(ContextAnswer))]
[JsonSerializable(typeof(PlaceAnswer))]
[JsonSerializable(typeof(TextAnswer))]
[JsonSerializable(typeof(OutputAnswer))]
[JsonSerializable(typeof(OutputHits))]
internal sealed partial class ReviewJson : JsonSerializerContext;
