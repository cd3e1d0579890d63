using System.Text.RegularExpressions;
using CodexWeb.Ui.Markup;

namespace CodexWeb.CodeReviews;

/// <summary>What a mention asks for.</summary>
public enum MentionVerb
{
    /// <summary>Change the code.</summary>
    Code,

    /// <summary>Answer a question.</summary>
    Ask,

    /// <summary>Review the pull request.</summary>
    Review,
}

/// <summary>What a text at GitHub asks of us.</summary>
/// <param name="Instruction">The writer's own words without the mention and without quotes; empty when there are no others.</param>
public sealed record MentionCommand(MentionVerb Verb, string Instruction)
{
    /// <summary>Characters of a text that are looked at; GitHub's own limit for comments is 65,536.</summary>
    public const int LongestText = 70_000;

    /// <summary>Finds the first mention in a text; null when there is none. Code, quotes, HTML, mail addresses and addresses do not count.</summary>
    /// <param name="names">The names we go by, without the at sign; case does not count.</param>
    public static MentionCommand? Find(string? text, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestText || !names.Any(name => text.Contains($"@{name}", StringComparison.OrdinalIgnoreCase)) || MarkdownProse.Of(text) is not { } parts)
        {
            return null;
        }

        var pattern = new Regex(
            $@"(?<![\w@.`/\\+-])@(?:{string.Join('|', names.OrderByDescending(name => name.Length).Select(Regex.Escape))})(?:\[bot\])?(?![\w@-]|[./]\w)",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(2));
        var mention = pattern.Match(parts.Prose);
        if (!mention.Success)
        {
            return null;
        }

        var after = parts.Own[(mention.Index + mention.Length)..].TrimStart(' ', '\t', ',', ':', ';');
        var (verb, rest) = Take(after);
        return new MentionCommand(verb, $"{parts.Own[..mention.Index].TrimEnd()}\n{rest}".Trim());
    }

    private static (MentionVerb Verb, string Words) Take(string text)
    {
        var length = text.TakeWhile(char.IsAsciiLetter).Count();
        // A word that goes on, as in "review-bot" or "ask's", is another word.
        var ends = length == text.Length || text[length] is not ('-' or '_' or '\'') && !char.IsLetterOrDigit(text[length]);
        return !ends ? (MentionVerb.Code, text)
            : text[..length].ToUpperInvariant() switch
            {
                "ASK" => (MentionVerb.Ask, text[length..].TrimStart(' ', '\t', ',', ':')),
                "REVIEW" => (MentionVerb.Review, text),
                _ => (MentionVerb.Code, text),
            };
    }
}
