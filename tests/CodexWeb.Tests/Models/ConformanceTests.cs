using System.Security.Cryptography;
using System.Text;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using static CodexWeb.Tests.Models.ScriptedAnswer;

namespace CodexWeb.Tests.Models;

/// <summary>The same script over both protocols, in real sandboxes: the files, the log and the conversation are the same; every failure leaves a turn that can be gone on with.</summary>
public sealed class ConformanceTests
{
    private const string Add = "*** Begin Patch\n*** Add File: src/a.txt\n+one\n+two é\n*** End Patch\n";
    private const string Change = "*** Begin Patch\n*** Update File: src/a.txt\n@@\n one\n-two é\n+three\n*** Add File: b.txt\n+new\n*** End Patch\n";

    [Fact]
    public async Task A_script_leaves_the_same_files_log_and_conversation_on_both_protocols()
    {
        ScriptedAnswer[] script =
        [
            new("I begin.", Exec("printf 'x\\n' > c.txt; ls"), Patch(Add)),
            new(null, Patch(Change), Exec("cat src/a.txt b.txt"), ("no_such_tool", "{}"), ("exec_command", "{\"cmd\":")),
            new("Once more.", Patch("*** Begin Patch\n*** Update File: nowhere.txt\n@@\n-x\n+y\n*** End Patch\n")),
            new("Done."),
        ];

        var (files, log, history) = await PlayAsync(Wire.Responses, script);
        var other = await PlayAsync(Wire.Chat, script);

        Assert.Contains("src/a.txt", files, StringComparison.Ordinal);
        Assert.Equal(files, other.Files);
        Assert.Equal(log, other.Log);
        Assert.Equal(history, other.History);
    }

    [Fact]
    public async Task Hundreds_of_made_up_turns_leave_the_same_on_both_protocols()
    {
        // The seed is fixed: a failure can be looked at again.
        var random = new Random(20261121);
        var script = Enumerable.Range(0, 240).Select(step => AnswerOf(random, step)).Append(new ScriptedAnswer("All done.")).ToArray();

        var one = await PlayAsync(Wire.Responses, script);
        var other = await PlayAsync(Wire.Chat, script);

        Assert.Equal(one.Files, other.Files);
        Assert.Equal(one.Log, other.Log);
        Assert.Equal(one.History, other.History);
    }

    public static TheoryData<Wire, string, ModelFailure> Failures
    {
        get
        {
            var data = new TheoryData<Wire, string, ModelFailure>();
            foreach (var wire in Enum.GetValues<Wire>())
            {
                data.Add(wire, "quota", ModelFailure.QuotaExceeded);
                data.Add(wire, "invalid", ModelFailure.Refused);
                data.Add(wire, "policy", ModelFailure.Refused);
                data.Add(wire, "401", ModelFailure.Denied);
                data.Add(wire, "403", ModelFailure.Denied);
                data.Add(wire, "500 for ever", ModelFailure.Unavailable);
                data.Add(wire, "cut for ever", ModelFailure.Unavailable);
                data.Add(wire, "a wait for hours", ModelFailure.RateLimited);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_that_ends_the_turn_leaves_one_that_can_be_gone_on_with(Wire wire, string how, ModelFailure failure)
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [new ScriptedAnswer("I begin.", Exec("echo one > one.txt")).On(wire, 0), .. Broken(wire, how)]);

        var failed = Assert.IsType<TurnOutcome.Failed>(await LoopRig.RunAsync(Turn(rig, wire, "Do it.")));

        Assert.Equal(failure, failed.Failure);
        await GoOnAsync(rig, wire);
    }

    public static TheoryData<Wire, string> Passing
    {
        get
        {
            var data = new TheoryData<Wire, string>();
            foreach (var wire in Enum.GetValues<Wire>())
            {
                foreach (var how in (string[])["429 with a header", "429 with words", "503", "500", "cut", "nothing", "not JSON", "an error inside"])
                {
                    data.Add(wire, how);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task A_failure_that_passes_is_told_and_the_turn_goes_on(Wire wire, string how)
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [Stumble(wire, how), new ScriptedAnswer("I begin.", Patch(Add)).On(wire, 1), Stumble(wire, how), new ScriptedAnswer("Done.").On(wire, 2)]);

        Assert.IsType<TurnOutcome.Completed>(await LoopRig.RunAsync(Turn(rig, wire, "Do it.")));

        Assert.Equal(2, rig.Completed.OfType<Item.Notice>().Count(static notice => notice.Kind == "retry"));
        Assert.Equal("one\ntwo é\n", rig.Read("src/a.txt"));
        AgentLoopTests.AssertSettled(rig.Events);
    }

    private static IEnumerable<Reply> Broken(Wire wire, string how) => how switch
    {
        "quota" => [Reply.Error(429, "insufficient_quota", "You exceeded your current quota.")],
        "invalid" => [Reply.Error(400, "invalid_value", "Unknown thing.")],
        "policy" => [wire is Wire.Chat ? ChatReply.Stream(ChatReply.Text("I"), ChatReply.Finish("content_filter")) : Reply.Incomplete("content_filter", OutputItem.Message("I"))],
        "401" => [Reply.Error(401, "invalid_api_key", "Incorrect key.")],
        "403" => [Reply.Error(403, "forbidden", "Not for you.")],
        "a wait for hours" => [Reply.Error(429, "rate_limit_exceeded", "Come back tomorrow.", ("Retry-After", "86400"))],
        "500 for ever" => Enumerable.Repeat(Reply.Error(500, "server_error", "Try again in 1ms."), 5),
        "cut for ever" => Enumerable.Repeat(wire is Wire.Chat ? ChatReply.Stream(ChatReply.Text("Half"), """{"error":{"message":"Try again in 1ms.","code":"server_error"}}""") : Reply.Failed("server_error", "Try again in 1ms.", OutputItem.Message("Half")), 6),
        _ => throw new ArgumentOutOfRangeException(nameof(how), how, "No such failure."),
    };

    private static Reply Stumble(Wire wire, string how) => how switch
    {
        "429 with a header" => Reply.Error(429, "rate_limit_exceeded", "Slow down.", ("retry-after-ms", "1")),
        "429 with words" => Reply.Error(429, "rate_limit_exceeded", "Please try again in 1ms."),
        "503" => Reply.Error(503, "overloaded", "Busy, try again in 1ms."),
        "500" => Reply.Error(500, "server_error", "Oops."),
        "cut" => wire is Wire.Chat ? ChatReply.Dropped(3, "A longer message, to be cut.", ("c", "exec_command", "{}")) : Reply.Dropped(5, OutputItem.Message("A longer message, to be cut.")),
        "nothing" => Reply.Raw(""),
        "not JSON" => Reply.Raw("data: {\n\n"),
        "an error inside" => wire is Wire.Chat
            ? ChatReply.Stream(ChatReply.Text("Half"), """{"error":{"message":"Overloaded","code":"server_error"}}""")
            : Reply.Failed("server_error", "Overloaded", OutputItem.Message("Half")),
        _ => throw new ArgumentOutOfRangeException(nameof(how), how, "No such failure."),
    };

    /// <summary>A retry, as a host does it: from the log alone.</summary>
    private static async Task GoOnAsync(LoopRig rig, Wire wire)
    {
        while (rig.Server.Remaining > 0)
        {
            rig.Server.Skip();
        }

        rig.Server.Then(new ScriptedAnswer(null, Patch(Add)).On(wire, 5), new ScriptedAnswer("Done now.").On(wire, 6));
        var from = Resumption.From(rig.Events);

        Assert.IsType<TurnOutcome.Completed>(await LoopRig.RunAsync(Turn(rig, wire, "Do it.", from)));

        Assert.Equal(("one\n", "one\ntwo é\n"), (rig.Read("one.txt"), rig.Read("src/a.txt")));
        AgentLoopTests.AssertSettled(rig.Events);
    }

    private static AgentTurn Turn(LoopRig rig, Wire wire, string prompt, Resumption? from = null)
    {
        var turn = rig.Turn(prompt, from);
        return wire is Wire.Chat ? turn with { Client = new ChatModelClient(new ProviderEndpoint(rig.Server.BaseUrl, "key-1"), TimeProvider.System) } : turn;
    }

    private static async Task<(string Files, string Log, string History)> PlayAsync(Wire wire, ScriptedAnswer[] script)
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, [.. script.Select((answer, step) => answer.On(wire, step))]);
        var turn = Turn(rig, wire, "Do it.") with { ContextWindow = null };
        Assert.IsType<TurnOutcome.Completed>(await LoopRig.RunAsync(turn));
        return (Files(rig.Workspace), string.Join('\n', rig.Completed.Select(Told)), string.Join('\n', turn.History.Entries.Select(Kept)));
    }

    private static string Files(string folder) => string.Join('\n', Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(static file => !file.Contains("/.git/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(file => $"{Path.GetRelativePath(folder, file)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}"));

    // Times differ from run to run; what the provider's own form of an entry is, from protocol to protocol.
    private static string Told(Item item) => item switch
    {
        Item.CommandExecution command => $"{command.Id} {command.Command} {command.ExitCode} {command.Output}",
        Item.FileChange change => $"{change.Id} {change.Status} {string.Join(',', change.Changes.Select(static file => $"{file.Path} {file.Kind}"))} {change.Reason}",
        _ => item.ToString(),
    };

    private static string Kept(ConversationEntry entry) => entry switch
    {
        ConversationEntry.Assistant assistant => $"said {assistant.Text}",
        ConversationEntry.ToolCall call => $"called {call.CallId} {call.Name} {call.Custom} {call.Arguments}",
        ConversationEntry.ToolResult result => $"told {result.CallId} {result.Custom} {WithoutTimes(result.Output)}",
        ConversationEntry.User user => $"asked {user.Text}",
        _ => entry.ToString(),
    };

    private static string WithoutTimes(string output) => System.Text.RegularExpressions.Regex.Replace(output, @"\d+(\.\d+)? (s|ms|seconds)\b", "…", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));

    private static ScriptedAnswer AnswerOf(Random random, int step)
    {
        var calls = Enumerable.Range(0, random.Next(1, 3)).Select(index => CallOf(random, $"{step}-{index}")).ToList();
        return new ScriptedAnswer(random.Next(3) == 0 ? $"Step {step}: é <b> \"quoted\"." : null, calls);
    }

    private static (string Name, string Input) CallOf(Random random, string id)
    {
        var text = new StringBuilder();
        for (var line = random.Next(1, 5); line > 0; line--)
        {
            text.Append("+line ").Append(random.Next(1000)).Append(" – \\ \"").Append('\n');
        }

        return random.Next(6) switch
        {
            0 => Exec($"echo {id} >> log.txt"),
            1 => ("exec_command", """{"cmd":"""),
            2 => ("update_plan", "not json"),
            3 => Patch("*** Begin Patch\n*** Update File: nowhere.txt\n@@\n-x\n+y\n*** End Patch\n"),
            _ => Patch($"*** Begin Patch\n*** Add File: made/{id}.txt\n{text}*** End Patch\n"),
        };
    }
}
