using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;
using Microsoft.AspNetCore.Http;

namespace CodexWeb.Tests;

/// <summary>A turn of 300 steps in a window that holds some 30 of them. What has to survive its compactions is looked for in what the model is sent.</summary>
public sealed partial class LongRunTests
{
    private const int Steps = 300;

    [Fact]
    public async Task Facts_survive_three_hundred_steps_and_many_compactions_and_a_restart()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code);
        rig.ContextWindow = 20_000;
        rig.Write("AGENTS.md", "Rule one: be kind.");
        rig.Server.Then([.. Enumerable.Repeat(new Reply(AnswerAsync), Steps * 2)]);
        var asked = rig.Turn("Write part0.txt to part49.txt. Never touch keep.txt.\n\nReview comments on the diff:\n\n- `part0.txt:1`: Say it in words.");
        using var end = new CancellationTokenSource();
        var half = rig.LoggedAsync(static @event => @event is AgentEvent.ItemCompleted { Item: Item.CommandExecution { Command: "echo step 150 && head -c 1500 /dev/zero | tr '\\0' x" } }, TimeSpan.FromMinutes(2));
        var first = LoopRig.RunAsync(asked with
        {
            Append = (events, token) =>
            {
                end.Token.ThrowIfCancellationRequested();
                return asked.Append(events, token);
            },
        });

        // The server ends in the middle: nothing more reaches the log.
        await half;
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var state = Resumption.From(rig.Events);
        await rig.Turn().Append(state.Closing, CancellationToken.None);
        var outcome = await LoopRig.RunAsync(rig.Turn(prompt: null, state));

        Assert.Equal("All 300 steps are done.", Assert.IsType<TurnOutcome.Completed>(outcome).FinalMessage);
        Assert.True(Steps <= rig.Server.Bodies.Count, "The script was cut short.");
        var compactions = rig.Events.OfType<AgentEvent.HistoryReplaced>().ToList();
        Assert.InRange(compactions.Count, 4, 60);
        Assert.All(rig.Server.Bodies, static body => Assert.True(body.Length / 4 < 20_000, "A request was larger than the window."));
        AssertSurvived(rig, compactions[^1].Entries);
        AgentLoopTests.AssertSettled(rig.Events);
        // Every file is as it was written once: no step was lost or done twice.
        Assert.All(Enumerable.Range(0, 50), n => Assert.Equal($"part {n}\n", rig.Read($"part{n}.txt")));
    }

    private static void AssertSurvived(LoopRig rig, IReadOnlyList<ConversationEntry> entries)
    {
        var users = entries.OfType<ConversationEntry.User>().ToList();
        Assert.Equal(entries.Count, users.Count);
        Assert.Contains("Rule one: be kind.", users[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("Write part0.txt to part49.txt. Never touch keep.txt.", users[1].Text, StringComparison.Ordinal);
        var handOver = users[^1].Text;
        // The model's own note is handed on from one to the next, the first as the last.
        Assert.Contains("secret word: heliotrope", handOver, StringComparison.Ordinal);
        Assert.Contains("- `part0.txt` new, +1 −0", handOver, StringComparison.Ordinal);
        Assert.Contains("- under way: Write the parts", handOver, StringComparison.Ordinal);
        Assert.Contains("- `part0.txt:1`: Say it in words.", handOver, StringComparison.Ordinal);
        // The newest commands are there with their ends.
        var last = rig.Completed.OfType<Item.CommandExecution>().Last(command => handOver.Contains($"{command.Id} `", StringComparison.Ordinal));
        Assert.Contains($"- {last.Id} `{last.Command}`: exit code 0", handOver, StringComparison.Ordinal);
        var files = FilesIn().Count(handOver);
        Assert.Equal(rig.Completed.OfType<Item.FileChange>().Where(change => ItemIds.NumberOf(change.Id) < ItemIds.NumberOf(last.Id)).Sum(static change => change.Changes.Count), files);
    }

    // A model without a memory: all it knows is what it is sent. It counts the steps by the newest it finds, as the hand-over or the calls name them.
    private static Task AnswerAsync(HttpContext context)
    {
        var input = JsonNode.Parse(ResponsesServer.BodyOf(context))!["input"]!.ToJsonString();
        var done = Step().Matches(input).Select(static match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).DefaultIfEmpty(-1).Max();
        if (input.Contains("Write that hand-over.", StringComparison.Ordinal))
        {
            // It hands on only what it can still see.
            var word = done < 0 || input.Contains("heliotrope", StringComparison.Ordinal) ? "secret word: heliotrope" : "the secret word is lost";
            return Reply.Counted(OutputItem.Message($"## Must not be lost\n{word}\n\n## What remains\nGo on after step {done}.")).WriteAsync(context);
        }

        return (done + 1 == Steps ? Reply.Counted(OutputItem.Message("All 300 steps are done.")) : Reply.Counted([.. Calls(done + 1)])).WriteAsync(context);
    }

    private static IEnumerable<OutputItem> Calls(int step)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"call_{step}");
        if (step == 0)
        {
            yield return OutputItem.Message("The secret word: heliotrope. I keep it in mind.");
            yield return OutputItem.Function("plan", "update_plan", """{"plan":[{"step":"Write the parts","status":"in_progress"}]}""");
        }

        if (step % 6 == 0)
        {
            yield return OutputItem.Custom($"{id}_patch", "apply_patch", $"*** Begin Patch\n*** Add File: part{step / 6}.txt\n+part {step / 6}\n*** End Patch\n");
        }

        yield return OutputItem.Exec(id, $"echo step {step} && head -c 1500 /dev/zero | tr '\\0' x");
    }

    [GeneratedRegex("(?:echo step |Go on after step )([0-9]+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Step();

    [GeneratedRegex("^- `part[0-9]+\\.txt` new", RegexOptions.CultureInvariant | RegexOptions.Multiline, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex FilesIn();
}
