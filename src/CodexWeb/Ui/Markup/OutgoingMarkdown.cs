using System.Text;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace CodexWeb.Ui.Markup;

/// <summary>
/// A model's Markdown as it may stand on a code host under the server's name: it notifies nobody, closes and links no issue, and has no HTML. Mentions and references are put
/// into code, which a host never looks into; everything else reads as before.
/// </summary>
public static partial class OutgoingMarkdown
{
    // What one change uncovers the next one covers; two are usual.
    private const int MostPasses = 8;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePreciseSourceLocation()
        .UsePipeTables()
        .UseTaskLists()
        .UseEmphasisExtras(EmphasisExtraOptions.Strikethrough)
        .Build();

    /// <summary>The text without effects. A text that cannot be made so comes as a block of code.</summary>
    public static string Neutralise(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var current = text.ReplaceLineEndings("\n");
        for (var pass = 0; pass < MostPasses; pass++)
        {
            if (Edited(current) is not { } next)
            {
                break;
            }

            if (string.Equals(next, current, StringComparison.Ordinal))
            {
                return next;
            }

            current = next;
        }

        return Block(text.ReplaceLineEndings("\n"));
    }

    /// <summary>A text of one line as code, whatever is in it.</summary>
    public static string Code(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var line = PlainText.RevealLine(text);
        var fence = new string('`', LongestRun(line) + 1);
        return line.Length == 0 ? "" : line[0] is '`' || line[^1] is '`' ? $"{fence} {line} {fence}" : $"{fence}{line}{fence}";
    }

    private static string Block(string text)
    {
        var fence = new string('`', Math.Max(3, LongestRun(text) + 1));
        return $"{fence}text\n{text.Trim('\n')}\n{fence}";
    }

    private static int LongestRun(string text)
    {
        var (longest, run) = (0, 0);
        foreach (var character in text)
        {
            run = character == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }

    // Null for a text nested deeper than the library reads.
    private static string? Edited(string text)
    {
        MarkdownDocument document;
        try
        {
            document = Markdig.Markdown.Parse(text, Pipeline);
        }
        catch (ArgumentException)
        {
            return null;
        }

        var code = new bool[text.Length];
        foreach (var span in document.Descendants().Where(part => part is CodeInline or CodeBlock).Select(part => part.Span))
        {
            Array.Fill(code, true, Math.Max(0, span.Start), Math.Max(0, Math.Min(text.Length - 1, span.End) - Math.Max(0, span.Start) + 1));
        }

        var edits = new SortedDictionary<int, (int Length, string By)>();
        foreach (Match match in Reference().Matches(text))
        {
            var target = match.Groups["target"];
            if (!code[target.Index])
            {
                edits[match.Index] = (match.Length, $"`{target.Value}`");
            }
        }

        AddHtml(document, text, code, edits);
        return Apply(text, edits);
    }

    private static void AddHtml(MarkdownDocument document, string text, bool[] code, SortedDictionary<int, (int Length, string By)> edits)
    {
        foreach (var part in document.Descendants())
        {
            // A character written by its number would become a mention after the change that looks for one.
            if (part is HtmlEntityInline entity && entity.Transcoded.ToString() is [var character] && (char.IsAsciiLetterOrDigit(character) || character is '@' or '#' or '/' or ':' or '.'))
            {
                edits.TryAdd(entity.Span.Start, (entity.Span.Length, character.ToString()));
            }
            else if (part is HtmlBlock or HtmlInline)
            {
                for (var at = part.Span.Start; at <= part.Span.End && at < text.Length; at++)
                {
                    if (text[at] == '<')
                    {
                        edits.TryAdd(at, (1, "&lt;"));
                    }
                }
            }
        }

        // A stray backtick would pair with one of ours.
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '`' && !code[at])
            {
                edits.TryAdd(at, (1, "'"));
            }
        }
    }

    private static string Apply(string text, SortedDictionary<int, (int Length, string By)> edits)
    {
        var edited = new StringBuilder(text.Length + (edits.Count * 4));
        var from = 0;
        foreach (var (at, (length, by)) in edits)
        {
            if (at >= from)
            {
                edited.Append(text, from, at - from).Append(by);
                from = at + length;
            }
        }

        return edited.Append(text, from, text.Length - from).ToString();
    }

    // Mentions of people and teams; #12, owner/name#12, GH-12; addresses of issues, pull requests and commits. Backslashes before them go: they would undo the code.
    [GeneratedRegex(
        @"\\*(?<target>(?<!\w)@[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]*[A-Za-z0-9])?|(?<![\w#])([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)?#[0-9]+\b|\b[Gg][Hh]-[0-9]+\b|\bhttps?://[^\s<>()\[\]`|]+/(issues|pull|discussions|commit)/[^\s<>()\[\]`|]+)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Reference();
}
