using System.Globalization;
using System.Text;

namespace CodexWeb.Models.Demo.Scripts;

/// <summary>A block and what became of it.</summary>
/// <param name="Use">The call; null when the tool was not offered.</param>
internal sealed record BlockRun(ScriptBlock Block, ToolUse? Use);

/// <summary>Runs the fenced blocks of a message one after another and reports on each.</summary>
internal static class RunBlocks
{
    private const int MostQuoted = 5;
    private const int LinesQuoted = 12;

    /// <summary>The steps for a prompt's blocks.</summary>
    public static IEnumerable<Step> Play(DemoTurn turn, IReadOnlyList<ScriptBlock> blocks)
    {
        var runs = new List<BlockRun>();
        foreach (var step in Run(turn, blocks, runs))
        {
            yield return step;
        }

        yield return new Step(Report(runs) + "\n\nI am a script, not an AI: I ran what your message says and read nothing into it.");
    }

    /// <summary>The steps, one per block.</summary>
    /// <param name="runs">Gets what became of each.</param>
    public static IEnumerable<Step> Run(DemoTurn turn, IReadOnlyList<ScriptBlock> blocks, List<BlockRun> runs)
    {
        foreach (var (index, block) in blocks.Index())
        {
            if (block.Kind is BlockKind.Patch && !turn.CanPatch)
            {
                runs.Add(new BlockRun(block, null));
                continue;
            }

            ToolUse use = block.Kind is BlockKind.Patch ? new Patch(block.Text) : new Command(block.Text, waits: block.Kind is BlockKind.Command);
            runs.Add(new BlockRun(block, use));
            yield return new Step(blocks.Count == 1 ? "I run the block." : string.Create(CultureInfo.InvariantCulture, $"Block {index + 1} of {blocks.Count}."), use);
        }
    }

    /// <summary>Markdown: a line per block, with the output of the last lines when there are few.</summary>
    public static string Report(IReadOnlyList<BlockRun> runs)
    {
        var report = new StringBuilder();
        report.Append(Summary(runs)).Append('\n');
        foreach (var run in runs)
        {
            report.Append("\n- ").Append(Line(run));
            if (runs.Count <= MostQuoted && run.Use is Command { Written: { } written })
            {
                AppendQuoted(report, written);
            }
        }

        return report.ToString();
    }

    private static string Summary(IReadOnlyList<BlockRun> runs)
    {
        var good = runs.Count(Succeeded);
        return runs.Count == 1 ? (good == 1 ? "The block ran as it should." : "The block did not end as it should.")
            : good == runs.Count ? $"All {runs.Count.ToString(CultureInfo.InvariantCulture)} blocks ran as they should."
            : string.Create(CultureInfo.InvariantCulture, $"{good} of {runs.Count} blocks ran as they should.");
    }

    private static bool Succeeded(BlockRun run) => run.Use switch
    {
        Command command => command.ExitCode is 0 || command is { ExitCode: null, SessionId: not null, IsAwaited: false },
        Patch patch => patch.Applied,
        _ => false,
    };

    private static string Line(BlockRun run) => run.Use switch
    {
        Command { ExitCode: { } code } command => string.Create(CultureInfo.InvariantCulture, $"{(code == 0 ? "✅" : "❌")} {Quote.Code(command.Text)}: exit code {code}{Quote.Cite(command)}"),
        Command { SessionId: not null } command => $"{(command.IsAwaited ? "⚠️" : "✅")} {Quote.Code(command.Text)}: still running{Quote.Cite(command)}",
        Command command => $"❌ {Quote.Code(command.Text)}: no exit code: {Quote.Line(command.Output ?? "")}{Quote.Cite(command)}",
        Patch { Applied: true } => "✅ The patch was applied",
        Patch patch => $"❌ The patch was not applied: {Quote.Line(patch.Output ?? "")}",
        _ => "⚠️ The patch was left out: this task may only read (Ask). Start it as Code to change files",
    };

    private static void AppendQuoted(StringBuilder report, string written)
    {
        var lines = written.Split('\n').Select(line => line.TrimEnd()).SkipWhile(line => line.Length == 0).Reverse().SkipWhile(line => line.Length == 0).Reverse().ToList();
        if (lines.Count == 0)
        {
            return;
        }

        // A fence longer than any inside keeps the output from ending it.
        var fence = new string('`', Math.Max(3, LongestRun(written) + 1));
        report.Append("\n\n  ").Append(fence).Append("text\n");
        if (lines.Count > LinesQuoted)
        {
            report.Append(CultureInfo.InvariantCulture, $"  … {lines.Count - LinesQuoted} lines before\n");
        }

        foreach (var line in lines.TakeLast(LinesQuoted))
        {
            report.Append("  ").Append(line.Length > 300 ? line[..300] + "…" : line).Append('\n');
        }

        report.Append("  ").Append(fence).Append('\n');
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
}
