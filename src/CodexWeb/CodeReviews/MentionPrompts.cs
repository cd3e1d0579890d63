using System.Globalization;
using System.Text;
using CodexWeb.Agent.Models;
using CodexWeb.GitHosts.GitHub;

namespace CodexWeb.CodeReviews;

/// <summary>
/// Writes what the agent is given: the words of the person who may write to the repository as the task, everything anybody else wrote as quotes.
/// </summary>
internal static class MentionPrompts
{
    /// <summary>Comments that are quoted, the newest.</summary>
    public const int MostComments = 10;

    private const int LongestInstruction = 30_000;
    private const int LongestDescription = 15_000;
    private const int LongestComment = 3_000;

    /// <summary>The prompt of a task or turn.</summary>
    /// <param name="label">The issue or pull request: <c>acme/shop#12</c>.</param>
    /// <param name="comments">The conversation, oldest first.</param>
    public static string Of(MentionSource source, MentionCommand command, string label, IReadOnlyList<GitHubComment> comments)
    {
        var what = source.IsPull ? "pull request" : "issue";
        var prompt = new StringBuilder()
            .Append(Instruction(source, command, what)).Append("\n\n")
            .Append(CultureInfo.InvariantCulture, $"Asked by {source.Author} in a {source.Words} on {what} {label}: {HiddenCharacters.RevealLine(source.Url)}");
        if (source.Code is { } code)
        {
            Quote(prompt, $"the lines of {label} the comment is about", code, LongestComment);
        }

        // The issue's own text is the instruction when that is where we were named.
        var description = source.Kind is MentionKind.Issue ? "" : source.Description ?? "";
        Quote(prompt, $"{what} {label} by {source.DescribedBy}", $"{source.Title}\n\n{description}".TrimEnd(), LongestDescription);
        foreach (var comment in Newest(source, comments))
        {
            Quote(prompt, $"comment by {comment.AuthorLogin} on {label}", comment.Body, LongestComment);
        }

        return prompt.ToString();
    }

    /// <summary>The title of a task: the instruction's first line, else what the issue is called.</summary>
    public static string TitleOf(MentionSource source, MentionCommand command)
    {
        var line = HiddenCharacters.RevealLine(command.Instruction.Split('\n').Select(static l => l.Trim().TrimStart('#', '-', '*', '>', ' ')).FirstOrDefault(static l => l.Length > 0) ?? source.Title).Trim();
        return line.Length == 0 ? "Task from GitHub" : line;
    }

    private static string Instruction(MentionSource source, MentionCommand command, string what)
    {
        var text = HiddenCharacters.Reveal(command.Instruction);
        text = text.Length > LongestInstruction ? $"{text[..LongestInstruction]}\n[Cut: the instruction is longer.]" : text;
        return text.Length > 0 ? text
            : source.IsPull ? "Say what stands open on this pull request."
            : command.Verb is MentionVerb.Ask ? $"Explain this {what}: what is its cause, and what would solve it?"
            : $"Solve this {what}.";
    }

    // Our own comments say nothing new, and the one that names us is the instruction.
    private static IEnumerable<GitHubComment> Newest(MentionSource source, IReadOnlyList<GitHubComment> comments) =>
        comments.Where(comment => !(source.Kind is MentionKind.Comment && comment.Id == source.Id) && !comment.Body.Contains(MentionComments.MarkerStart, StringComparison.Ordinal)).TakeLast(MostComments);

    private static void Quote(StringBuilder prompt, string source, string text, int longest)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            prompt.Append("\n\n").Append(OutsideText.Quote(source, text, longest));
        }
    }
}
