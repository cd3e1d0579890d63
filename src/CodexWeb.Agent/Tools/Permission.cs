using System.Security.Cryptography;
using System.Text;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools;

/// <summary>What a person has to allow before a call is run, in the modes that ask.</summary>
/// <param name="Kind">Edits are asked for in <see cref="ApprovalMode.Suggest"/> alone, all others in <see cref="ApprovalMode.AutoEdit"/> too.</param>
/// <param name="Title">One line.</param>
/// <param name="Detail">All that will be done, when the title does not say it; null otherwise.</param>
/// <param name="Rule">What "for this task" lets through, in words; null when that is not offered.</param>
/// <param name="RuleKey">The same as a key; null with <paramref name="Rule"/>.</param>
internal sealed record Permission(ApprovalKind Kind, string Title, string? Detail = null, string? Rule = null, string? RuleKey = null)
{
    private const int LongestTitle = 160;

    /// <summary>
    /// A key that two requests share only when all their parts are equal, to the last character. There are no rules by a beginning or a pattern of a command:
    /// a text that begins well can do anything.
    /// </summary>
    public static string Key(string kind, params IReadOnlyList<string> parts) =>
        $"{kind}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))))}";

    /// <summary>The first line of a text, cut when long; what is left out is seen by the mark at its end.</summary>
    public static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\n', '\r');
        var cut = end >= 0 ? line[..end].TrimEnd() : line;
        return cut.Length > LongestTitle ? $"{cut[..(char.IsHighSurrogate(cut[LongestTitle - 2]) ? LongestTitle - 2 : LongestTitle - 1)]}…" : end >= 0 ? $"{cut} …" : cut.ToString();
    }
}
