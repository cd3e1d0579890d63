using System.Text.RegularExpressions;
using CodexWeb.Agent.Models;

namespace CodexWeb.Models.Demo.Scripts;

/// <summary>Chooses what is done about a prompt: a review when its form is asked for; its own blocks before all else; else by what the repository turns out to be.</summary>
internal static partial class Scenario
{
    /// <summary>The steps of a turn.</summary>
    public static IEnumerable<Step> Play(DemoTurn turn)
    {
        if (string.Equals(turn.Schema, ReviewReport.Schema.Name, StringComparison.Ordinal))
        {
            return ReviewChange.Play(turn);
        }

        var blocks = ScriptBlock.In(turn.Prompt);
        return blocks.Count > 0 ? RunBlocks.Play(turn, blocks) : LookFirst(turn);
    }

    private static IEnumerable<Step> LookFirst(DemoTurn turn)
    {
        var look = new Command("ls -A && head -n 1 README.md");
        yield return new Step("I look at what is here.", look)
        {
            Thought = "**Looking around**\n\nThe prompt has no block to run, so what I can do depends on the repository. I look whether it is one I have a script for.",
        };
        foreach (var step in Choose(turn, look))
        {
            yield return step;
        }
    }

    private static IEnumerable<Step> Choose(DemoTurn turn, Command look)
    {
        var sample = look.Lines.Contains("# Basket", StringComparer.Ordinal) && look.Lines.Contains("lib", StringComparer.Ordinal);
        return !turn.CanPatch ? (sample ? AnswerQuestion.Play(turn) : SearchWords.Play(turn.Prompt, look))
            : !sample ? HowTo(turn, look)
            : AsksForNewTest().IsMatch(turn.Prompt) ? WriteMissingTest.Play(turn)
            : AsksForFix().IsMatch(turn.Prompt) ? FixFailingTest.Play(turn)
            : HowTo(turn, look);
    }

    private static IEnumerable<Step> HowTo(DemoTurn turn, Command look)
    {
        var files = string.Join(", ", look.Lines.Where(line => line.Length > 0 && !line.StartsWith('#')).Take(12).Select(Quote.Code));
        yield return new Step($"""
            You wrote: “{Quote.Line(turn.Prompt)}”. I am a script, not an AI, and have none for that; I changed nothing.

            Here are: {files}{Quote.Cite(look)}.

            What I can do in any repository: run the fenced `sh` blocks of your message, one after another, and report on each. For example:

            ````
            ```sh
            git log --oneline -n 5
            ```
            ````

            A block of the language `patch` with `*** Begin Patch` … `*** End Patch` changes files, and `sh background` leaves a command running. For free text, choose another model.
            """);
    }

    [GeneratedRegex(@"\b(?:write|add|missing|cover|create)\b.*\btests?\b", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex AsksForNewTest();

    [GeneratedRegex(@"\b(?:fix|fail\w*|bugs?|broken|repair|mend|wrong|red|tests?|discounts?)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex AsksForFix();
}
