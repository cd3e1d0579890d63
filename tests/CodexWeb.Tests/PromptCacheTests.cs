using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Tests.Models;
using Xunit.Abstractions;

namespace CodexWeb.Tests;

/// <summary>What a provider's prefix cache would serve of a turn of 50 steps: requests are compared byte for byte as they came over the wire.</summary>
public sealed class PromptCacheTests(ITestOutputHelper output)
{
    private const int Steps = 50;

    [Fact]
    public async Task A_turn_of_the_Responses_API_repeats_its_prefix()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Enumerable.Range(1, Steps - 1).Select(ResponsesStep), Reply.Answer(OutputItem.Message("Done."))]);

        await RunAsync(rig, rig.Turn());

        Report("Responses", rig.Server.Bodies, ["instructions", "tools"], "input");
    }

    [Fact]
    public async Task A_turn_of_Chat_Completions_repeats_its_prefix()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. Enumerable.Range(1, Steps - 1).Select(ChatStep), ChatReply.Answer("Done.")]);

        await RunAsync(rig, rig.Turn() with { Client = new ChatModelClient(new ProviderEndpoint(rig.Server.BaseUrl, "key-1"), TimeProvider.System) });

        Report("Chat Completions", rig.Server.Bodies, ["tools"], "messages");
    }

    private static async Task RunAsync(LoopRig rig, AgentTurn turn)
    {
        rig.Write("AGENTS.md", "Be kind.");
        rig.Write("src/AGENTS.md", "Be kinder here.");
        rig.Write("src/data.txt", string.Concat(Enumerable.Range(0, 400).Select(static n => $"line {n} of some file that is read in parts\n")));
        rig.Checkpoint = token =>
        {
            if (rig.Server.Bodies.Count == 20)
            {
                rig.Steer("steer_1", "Mind the edges.");
            }

            return Task.CompletedTask;
        };
        Assert.IsType<TurnOutcome.Completed>(await LoopRig.RunAsync(turn));
        Assert.Equal(Steps, rig.Server.Bodies.Count);
    }

    // All that a turn does: reads of several sizes, calls side by side, patches, a plan, failures, a nested folder's instructions, wrong calls.
    private static (string Name, string Arguments)[] Calls(int step) => (step % 7) switch
    {
        0 => [Exec($"sed -n '{step},{step + 60}p' data.txt", "src"), Exec("wc -l data.txt", "src")],
        1 => [Exec($"grep -n 'line {step}' src/data.txt")],
        2 => [("apply_patch", $"*** Begin Patch\n*** Add File: made{step}.txt\n+made in step {step}\n+and not looked at again\n*** End Patch\n")],
        3 => [("update_plan", $$"""{"plan":[{"step":"Step {{step}}","status":"in_progress"},{"step":"The rest","status":"pending"}]}""")],
        4 => [Exec($"echo wrong {step} >&2; exit {(step % 5) + 1}")],
        5 => [Exec("date +%N; id -un; ls")],
        _ => [("no_such_tool", "{}"), Exec($"cat made{step - 4}.txt")],
    };

    private static (string, string) Exec(string command, string folder = "") => ("exec_command", new JsonObject { ["cmd"] = command, ["workdir"] = folder }.ToJsonString());

    private static Reply ResponsesStep(int step) => Reply.Answer(
    [
        OutputItem.Reasoning($"Thinking about step {step}."),
        OutputItem.Message($"Now step {step}."),
        .. Calls(step).Select((call, n) => call.Name is "apply_patch" ? OutputItem.Custom(Id(step, n), call.Name, call.Arguments) : OutputItem.Function(Id(step, n), call.Name, call.Arguments)),
    ]);

    private static Reply ChatStep(int step) => ChatReply.Answer(
        $"Now step {step}.",
        [.. Calls(step).Select((call, n) => (Id(step, n), call.Name, call.Name is "apply_patch" ? new JsonObject { ["input"] = call.Arguments }.ToJsonString() : call.Arguments))]);

    private static string Id(int step, int number) => string.Create(CultureInfo.InvariantCulture, $"call_{step}_{number}");

    private void Report(string api, IReadOnlyList<string> bodies, string[] fixedParts, string growing)
    {
        var (served, sent) = (0L, 0L);
        string[]? before = null;
        var frame = "";
        foreach (var body in bodies)
        {
            var json = JsonNode.Parse(body)!.AsObject();
            var entries = json[growing]!.AsArray().Select(static entry => entry!.ToJsonString()).ToArray();
            var around = fixedParts.Sum(part => Encoding.UTF8.GetByteCount(json[part]!.ToJsonString()));
            sent += around + entries.Sum(Encoding.UTF8.GetByteCount);
            json.Remove(growing);
            if (before is null)
            {
                frame = json.ToJsonString();
            }
            else
            {
                // All of the last request is the beginning of this one, and nothing else changed.
                Assert.Equal(frame, json.ToJsonString());
                Assert.Equal(before, entries.Take(before.Length));
                served += around + before.Sum(Encoding.UTF8.GetByteCount);
            }

            before = entries;
        }

        var share = 100.0 * served / sent;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{api}: {bodies.Count} requests, {sent / 4:N0} input tokens, {share:0.0} % served by a prefix cache"));
        Assert.True(share >= 95, string.Create(CultureInfo.InvariantCulture, $"{api}: a prefix cache would serve {share:0.0} % of the input tokens."));
    }
}
