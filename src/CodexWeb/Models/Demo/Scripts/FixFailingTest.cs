using System.Text.RegularExpressions;

namespace CodexWeb.Models.Demo.Scripts;

/// <summary>
/// The sample repository: runs the tests, follows the failing one to the function it calls, and mends the one mistake this script knows, a step that is reached
/// one piece too late. Where the code is not as it must be for that, it says what it found and changes nothing.
/// </summary>
internal static partial class FixFailingTest
{
    private const string AllTests = "prove -lr t";
    private static readonly string[] Todo = ["Run the tests and read the failure", "Find the cause", "Fix it", "Run all tests again"];

    /// <summary>The steps.</summary>
    public static IEnumerable<Step> Play(DemoTurn turn)
    {
        var before = new Command(AllTests);
        yield return new Step("It is the Basket library. I read its instructions and run the tests.", [new Command("cat AGENTS.md"), .. PlanOf(turn, 0), before])
        {
            Thought = "**Running the tests first**\n\nBefore I change anything I want to see which test fails, and what it got and expected.",
        };
        var red = ProveOutput.Of(before);
        foreach (var step in red.Passed ? [NothingToDo(before, red)] : red.Failures.Count == 0 ? [NotReadable(before, red)] : Follow(turn, before, red))
        {
            yield return step;
        }
    }

    private static IEnumerable<Step> Follow(DemoTurn turn, Command before, ProveOutput red)
    {
        var failure = red.Failures[0];
        if (!NumberedFile.IsPlain(failure.File))
        {
            yield return NotReadable(before, red);
            yield break;
        }

        var test = NumberedFile.Print(failure.File);
        yield return new Step($"`{failure.File}` fails: {Described(red)} I read the test.", [.. PlanOf(turn, 1), test]);
        var testFile = NumberedFile.Of(failure.File, test);
        var function = Called().Match(testFile.Line(failure.Line) ?? "") is { Success: true } called ? called.Groups["function"].Value : null;
        if (function is null)
        {
            yield return GiveUp(before, red, $"The failing line calls no function that I could follow {Quote.Cite(failure.File, failure.Line, failure.Line)}.");
            yield break;
        }

        var search = new Command($"rg -n 'sub {function}\\b' lib || grep -rnE 'sub {function}\\b' lib");
        var readme = NumberedFile.Print("README.md");
        yield return new Step($"The failing check calls `{function}`. I look where it is and what README.md promises.", search, readme);
        var path = search.Lines.Select(line => line.Split(':')[0]).FirstOrDefault(line => line.EndsWith(".pm", StringComparison.Ordinal) && NumberedFile.IsPlain(line));
        if (path is null)
        {
            yield return GiveUp(before, red, $"`{function}` is in no module of `lib`{Quote.Cite(search)}.");
            yield break;
        }

        var module = NumberedFile.Print(path);
        yield return new Step("", module);
        foreach (var step in Mend(turn, before, red, new Suspect(function, NumberedFile.Of(path, module), NumberedFile.Of("README.md", readme))))
        {
            yield return step;
        }
    }

    private static IEnumerable<Step> Mend(DemoTurn turn, Command before, ProveOutput red, Suspect suspect)
    {
        if (suspect.Lines is not { } lines || suspect.WrongLine() is not { } wrong)
        {
            var where = suspect.Lines is { } range ? " " + Quote.Cite(suspect.Module.Path, range.First, range.Last) : "";
            yield return GiveUp(before, red, $"The test leads to `{suspect.Function}`{where}, but that is not the mistake I know how to mend.");
            yield break;
        }

        var patch = new Patch(suspect.Patch(wrong));
        yield return new Step(
            $"`{suspect.Function}` stops at a step while the quantity is smaller than *or equal to* its first piece, so each step begins one piece late. It must stop only while the quantity is smaller.",
            [.. PlanOf(turn, 2), patch])
        {
            Thought = "**Comparing code and promise**\n\nREADME.md grants the discount from the first piece of a step on; the comparison excludes that piece. AGENTS.md says to change the code, not the table.",
        };
        if (!patch.Applied)
        {
            yield return GiveUp(before, red, $"My patch was refused: {Quote.Line(patch.Output ?? "")}");
            yield break;
        }

        var after = new Command(AllTests);
        yield return new Step("I run all tests again.", [.. PlanOf(turn, 3), after]);
        if (turn.Tools.Contains("update_plan"))
        {
            yield return new Step("", new Plan(Todo.Length, Todo));
        }

        yield return new Step(Report(before, red, after, suspect, lines, wrong));
    }

    private static string Report(Command before, ProveOutput red, Command after, Suspect suspect, (int First, int Last) lines, int wrong)
    {
        var green = ProveOutput.Of(after);
        var failure = red.Failures[0];
        var promise = suspect.Promise is { } table ? $" README.md promises the percentage from that piece on {Quote.Cite("README.md", table.First, table.Last)}," : "";
        return $"""
            {(green.Passed ? "The quantity discount now begins at the piece README.md names; it began one piece late." : "I mended one mistake, but the tests still do not pass.")}

            **Cause.** `{suspect.Function}` went past a step only when the quantity was *larger* than its first piece {Quote.Cite(suspect.Module.Path, lines.First, lines.Last)}: {Described(red)}{promise} and the test checks it {Quote.Cite(failure.File, failure.Line, failure.Line)}.

            **Change.** One line: `<=` became `<` {Quote.Cite(suspect.Module.Path, wrong, wrong)}. The test was right and stays as it is.

            **Checks**
            - ❌ `{AllTests}` before the change: {red.Words()}{Quote.Cite(before)}
            - {(green.Passed ? "✅" : "❌")} `{AllTests}` after the change: {green.Words()}{Quote.Cite(after)}

            I am a script, not an AI: I know this one repository and ran everything you see for real.
            """;
    }

    private static string Described(ProveOutput red) =>
        string.Join(" ", red.Failures.Where(failure => failure.Expected is not null).Take(3)
            .Select(failure => $"“{Quote.Line(failure.Name)}” got {Quote.Code(failure.Got ?? "nothing")}, expected {Quote.Code(failure.Expected!)}."));

    private static Step NothingToDo(Command before, ProveOutput green) => new($"""
        All tests pass already, so there is nothing to fix; I changed nothing.

        **Checks**
        - ✅ `{AllTests}`: {green.Words()}{Quote.Cite(before)}
        """);

    private static Step NotReadable(Command before, ProveOutput red) => new($"""
        The tests do not pass, and I could not read from the output which check fails. I am a script and changed nothing.

        **Checks**
        - ❌ `{AllTests}`: {(before.ExitCode is null ? "no exit code" : red.Words())}{Quote.Cite(before)}
        """);

    private static Step GiveUp(Command before, ProveOutput red, string why) => new($"""
        I could not fix it. {why} I am a script, not an AI, and changed nothing.

        What fails: {Described(red)}

        **Checks**
        - ❌ `{AllTests}`: {red.Words()}{Quote.Cite(before)}
        """);

    private static IEnumerable<ToolUse> PlanOf(DemoTurn turn, int done) => turn.Tools.Contains("update_plan") ? [new Plan(done, Todo)] : [];

    [GeneratedRegex(@"->(?<function>[a-z]\w*)\(", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Called();

    /// <summary>The function the failing test leads to.</summary>
    private sealed partial record Suspect(string Function, NumberedFile Module, NumberedFile Readme)
    {
        public (int First, int Last)? Lines => Module.Function(Function);

        public (int First, int Last)? Promise => Readme.Find(TableRow()).ToList() is { Count: > 0 } rows ? (rows[0], rows[^1]) : null;

        public int? WrongLine() =>
            Lines is { } lines && Module.Find(LateStep()).Where(line => line > lines.First && line < lines.Last).ToList() is [var only] ? only : null;

        public string Patch(int wrong) => $"""
            *** Begin Patch
            *** Update File: {Module.Path}
            @@ {Module.Line(Lines!.Value.First)}
             {Module.Line(wrong - 1)}
            -{Module.Line(wrong)}
            +{Module.Line(wrong)!.Replace("<=", "<", StringComparison.Ordinal)}
             {Module.Line(wrong + 1)}
            *** End Patch

            """;

        [GeneratedRegex(@"^\s*last if \$\w+ <= \$\w+->\{from\};$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
        private static partial Regex LateStep();

        [GeneratedRegex(@"^\|.*\d.*\|.*(?:none|%)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
        private static partial Regex TableRow();
    }
}
