using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CodexWeb.Agent.Models;

/// <summary>A defect as the model reported it, within the caps of <see cref="ReviewReport"/>. Its lines are not held against the change yet.</summary>
/// <param name="Title">One line.</param>
/// <param name="Body">Markdown.</param>
/// <param name="Priority">0 drop everything, 1 urgent, 2 normal, 3 nice to have.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Path">From the repository's root.</param>
/// <param name="StartLine">From 1.</param>
/// <param name="EndLine">Not before <paramref name="StartLine"/>.</param>
public sealed record ReportedFinding(string Title, string Body, int Priority, double Confidence, string Path, int StartLine, int EndLine);

/// <summary>The final message of a review.</summary>
/// <param name="Findings">The most urgent first, at most <see cref="MostFindings"/>.</param>
/// <param name="LeftOut">Findings beyond that number.</param>
/// <param name="Correct">The verdict.</param>
/// <param name="Explanation">Why.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record ReviewReport(IReadOnlyList<ReportedFinding> Findings, int LeftOut, bool Correct, string Explanation, double Confidence)
{
    /// <summary>Findings that are kept.</summary>
    public const int MostFindings = 50;

    /// <summary>Characters of a title.</summary>
    public const int LongestTitle = 80;

    /// <summary>Characters of a body, and of the explanation.</summary>
    public const int LongestBody = 4_000;

    private const int LongestPath = 4_096;
    private const int LongestText = 1_000_000;
    private const string IsCorrect = "patch is correct";
    private const string IsIncorrect = "patch is incorrect";

    // Models name files by where they saw them.
    private static readonly string[] Prefixes = ["/workspace/", "./", "a/./", "b/./"];

    /// <summary>What a provider holds the final message to.</summary>
    public static OutputSchema Schema { get; } = new(
        "code_review",
        """
        {
          "type": "object",
          "properties": {
            "findings": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "title": { "type": "string", "description": "What is wrong, at most 80 characters" },
                  "body": { "type": "string", "description": "One paragraph of Markdown: why it is a defect, when it shows, what would mend it" },
                  "priority": { "type": "integer", "enum": [0, 1, 2, 3] },
                  "confidence": { "type": "number", "description": "From 0 to 1" },
                  "path": { "type": "string", "description": "The file, from the root of the repository" },
                  "start_line": { "type": "integer", "description": "First line in the file after the change" },
                  "end_line": { "type": "integer", "description": "Last line" }
                },
                "required": ["title", "body", "priority", "confidence", "path", "start_line", "end_line"],
                "additionalProperties": false
              }
            },
            "verdict": { "type": "string", "enum": ["patch is correct", "patch is incorrect"] },
            "explanation": { "type": "string", "description": "The reason for the verdict, one to three sentences" },
            "confidence": { "type": "number", "description": "From 0 to 1" }
          },
          "required": ["findings", "verdict", "explanation", "confidence"],
          "additionalProperties": false
        }
        """,
        static text => Parse(text).Problem);

    /// <summary>Reads a final message. What stands around the object, a fence for example, is passed over.</summary>
    /// <returns>The report, or what is wrong with it in a sentence for the model; one of the two is null.</returns>
    public static (ReviewReport? Report, string? Problem) Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (start, end) = (text.IndexOf('{', StringComparison.Ordinal), text.LastIndexOf('}'));
        if (start < 0 || end < start || text.Length > LongestText)
        {
            return (null, "There is no JSON object in it.");
        }

        try
        {
            using var json = JsonDocument.Parse(text.AsMemory(start, end - start + 1), new JsonDocumentOptions { MaxDepth = 16, AllowTrailingCommas = true });
            return (Read(json.RootElement), null);
        }
        catch (JsonException exception)
        {
            return (null, $"It is not valid JSON: {exception.Message}");
        }
        catch (FormatException exception)
        {
            return (null, exception.Message);
        }
        catch (InvalidOperationException)
        {
            // A string whose escapes are half of a character.
            return (null, "A text in it is not valid Unicode.");
        }
    }

    /// <summary>The report for people, its places as citations.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"**The change is {(Correct ? "correct" : "not correct")}** (confidence {Confidence:P0}). {Explanation}\n");
        foreach (var finding in Findings)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n**P{finding.Priority} · {finding.Title}** 【F:{finding.Path}†L{finding.StartLine}-L{finding.EndLine}】\n\n{finding.Body}\n");
        }

        return text.Append(Findings.Count == 0 ? "\nNothing was found.\n" : "").ToString();
    }

    private static ReviewReport Read(JsonElement report)
    {
        var list = Property(report, "findings", JsonValueKind.Array, "the report");
        var findings = list.EnumerateArray().Select((finding, index) => ReadFinding(finding, string.Create(CultureInfo.InvariantCulture, $"finding {index + 1}"))).ToList();
        var verdict = Text(report, "verdict", "the report").Trim();
        return new ReviewReport(
            [.. findings.OrderBy(static finding => finding.Priority).Take(MostFindings)],
            Math.Max(0, findings.Count - MostFindings),
            verdict switch
            {
                IsCorrect => true,
                IsIncorrect => false,
                _ => throw new FormatException($"The verdict is \"{IsCorrect}\" or \"{IsIncorrect}\"."),
            },
            Paragraph(Text(report, "explanation", "the report")),
            Share(report, "the report"));
    }

    private static ReportedFinding ReadFinding(JsonElement finding, string where)
    {
        var (first, last) = (Line(finding, "start_line", where), Line(finding, "end_line", where));
        var title = Cut(OneLine(Text(finding, "title", where)), LongestTitle);
        var path = PathOf(Text(finding, "path", where));
        return new ReportedFinding(
            title.Length > 0 ? title : throw new FormatException($"In {where} the title is empty."),
            Paragraph(Text(finding, "body", where)),
            Number(finding, "priority", where) is var priority and >= 0 and <= 3 ? (int)priority : throw new FormatException($"In {where} the priority is not 0, 1, 2 or 3."),
            Share(finding, where),
            path.Length is > 0 and <= LongestPath ? path : throw new FormatException($"In {where} the path is not one of a file."),
            Math.Min(first, last),
            Math.Max(first, last));
    }

    private static string PathOf(string text)
    {
        var path = OneLine(text);
        foreach (var prefix in Prefixes)
        {
            path = path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..] : path;
        }

        return path;
    }

    private static int Line(JsonElement finding, string name, string where) =>
        Number(finding, name, where) is var line and >= 1 and <= int.MaxValue ? (int)line : throw new FormatException($"In {where} {name} is not the number of a line.");

    private static double Share(JsonElement of, string where) =>
        Property(of, "confidence", JsonValueKind.Number, where).TryGetDouble(out var share) && double.IsFinite(share) ? Math.Clamp(share, 0, 1) : throw new FormatException($"In {where} the confidence is not a number from 0 to 1.");

    private static long Number(JsonElement of, string name, string where) =>
        Property(of, name, JsonValueKind.Number, where).TryGetInt64(out var number) ? number : throw new FormatException($"In {where} {name} is not a whole number.");

    private static string Text(JsonElement of, string name, string where) => Property(of, name, JsonValueKind.String, where).GetString() ?? "";

    private static JsonElement Property(JsonElement of, string name, JsonValueKind kind, string where) =>
        of.ValueKind is not JsonValueKind.Object ? throw new FormatException($"In place of {where} stands something that is no object.")
        : !of.TryGetProperty(name, out var value) ? throw new FormatException($"In {where} {name} is missing.")
        : value.ValueKind == kind ? value
        : throw new FormatException($"In {where} {name} is not of the kind the schema names.");

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Trim();

    private static string Paragraph(string text) => Cut(text.ReplaceLineEndings("\n").Replace("\0", "", StringComparison.Ordinal).Trim(), LongestBody);

    private static string Cut(string text, int longest)
    {
        text = text.Replace("\0", "", StringComparison.Ordinal);
        return text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 2]) ? longest - 2 : longest - 1)] + "…";
    }
}
