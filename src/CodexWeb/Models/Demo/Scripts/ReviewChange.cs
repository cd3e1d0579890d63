using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CodexWeb.Models.Demo.Scripts;

/// <summary>A review: looks at the added lines by a few simple rules, and says that it is no more than that.</summary>
internal static partial class ReviewChange
{
    private const int MostFindings = 20;

    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly HashSet<string> Code = new(StringComparer.OrdinalIgnoreCase)
    {
        ".c", ".cc", ".cpp", ".cs", ".go", ".h", ".java", ".js", ".jsx", ".kt", ".php", ".pl", ".pm", ".py", ".rb", ".rs", ".swift", ".t", ".ts", ".tsx",
    };

    /// <summary>The steps.</summary>
    public static IEnumerable<Step> Play(DemoTurn turn)
    {
        if (DiffCommand().Match(turn.Prompt) is not { Success: true } command)
        {
            yield return new Step(Report([], "I am a script, not an AI, and the message names no two commits to compare, so I looked at nothing."));
            yield break;
        }

        // Hashes alone, so the shell sees nothing in them.
        var commits = $"{command.Groups["from"].Value} {command.Groups["to"].Value}";
        yield return new Step("I look which files the change touches.", new Command($"git diff --stat {commits} | tail -n 40"))
        {
            Thought = "**Reading the change**\n\nI know a few things that are often wrong in added lines. I list the files first, then I look at what was added.",
        };
        var diff = new Command($"git diff --unified=0 --no-color --no-ext-diff {commits}");
        yield return new Step("Now at the lines it adds.", diff);
        var added = AddedLine.In(diff.Lines);
        var findings = added.SelectMany(line => Find(line, added)).Take(MostFindings).ToList();
        yield return new Step(Report(
            findings,
            $"I am a script, not an AI: in {Quote.Count(added.Count, "added line")} I looked for leftover conflict markers, debug output, divisions by what may be zero, and TODO, and for nothing else."));
    }

    private static IEnumerable<JsonObject> Find(AddedLine line, List<AddedLine> all)
    {
        if (ConflictMarker().IsMatch(line.Text))
        {
            yield return Finding(line, 0, 1, "A conflict marker is left in the file", "The line is a marker that Git writes into a file with conflicts. The file cannot be used like this: choose one side, or join both, and take the markers out.");
        }

        if (!Code.Contains(Path.GetExtension(line.Path)))
        {
            yield break;
        }

        if (DebugOutput().Match(line.Text) is { Success: true } debug)
        {
            yield return Finding(line, 2, 0.8, $"Debug output is left in: {Quote.Line(debug.Value)}", "The call looks like one that helped while the change was written. It writes to the output of everybody who runs this: take it out, or log at a level that is off by default.");
        }

        if (Division().Match(line.Text) is { Success: true } division && division.Groups["by"].Value is var by && !IsChecked(by, line, all))
        {
            yield return Finding(line, 1, 0.6, $"Divides by {by} without a check for zero", $"Nothing in the lines this change adds to the file keeps `{by}` from being 0, and then the division fails or gives no number. Check it before, and say what the result is in that case.");
        }

        if (Todo().IsMatch(line.Text))
        {
            yield return Finding(line, 3, 0.9, "The change leaves a TODO behind", "The line says itself that something is not done. Do it in this change, or put it where open work is tracked.");
        }
    }

    private static bool IsChecked(string name, AddedLine line, List<AddedLine> all)
    {
        var check = new Regex($@"(if|unless|while|assert|when)\b.*{Regex.Escape(name)}\b|{Regex.Escape(name)}\s*(==|!=|>|<|\|\||or\b)", RegexOptions.NonBacktracking, TimeSpan.FromSeconds(1));
        return all.Any(other => string.Equals(other.Path, line.Path, StringComparison.Ordinal) && check.IsMatch(other.Text));
    }

    private static JsonObject Finding(AddedLine line, int priority, double confidence, string title, string body) => new()
    {
        ["title"] = title,
        ["body"] = body,
        ["priority"] = priority,
        ["confidence"] = confidence,
        ["path"] = line.Path,
        ["start_line"] = line.Number,
        ["end_line"] = line.Number,
    };

    private static string Report(List<JsonObject> findings, string explanation)
    {
        var correct = !findings.Exists(static finding => (int)finding["priority"]! <= 1);
        return new JsonObject
        {
            ["findings"] = new JsonArray([.. findings]),
            ["verdict"] = correct ? "patch is correct" : "patch is incorrect",
            ["explanation"] = explanation,
            ["confidence"] = 0.3,
        }.ToJsonString(Options);
    }

    [GeneratedRegex(@"git diff (?<from>[0-9a-f]{40,64}) (?<to>[0-9a-f]{40,64})\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex DiffCommand();

    [GeneratedRegex(@"^(<{7}|>{7}) ", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ConflictMarker();

    [GeneratedRegex(@"\bconsole\.log\(|\bdebugger\b|\bpdb\.set_trace\(|\bbinding\.pry\b|\bData::Dumper\b|\b(print|printf|warn|echo|puts|println!?|WriteLine)\b\W*(DEBUG|debug)\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex DebugOutput();

    [GeneratedRegex(@"[\w)\]}]\s+/\s+(?<by>[$@]?[A-Za-z_]\w*)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Division();

    [GeneratedRegex(@"\b(TODO|FIXME|XXX)\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Todo();
}
