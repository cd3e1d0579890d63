using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Models.Demo;

namespace CodexWeb.Tests.Models.Demo;

/// <summary>A conversation with the demo model through the real client, its tools running for real in a folder.</summary>
internal sealed class DemoConversation
{
    private const string Schema = """{ "type": "object" }""";
    private readonly ResponsesModelClient _client;
    private readonly List<ToolDefinition> _tools;
    private readonly string _folder;
    private int _items;

    public DemoConversation(Uri baseUrl, string folder, bool ask = false)
    {
        _client = new ResponsesModelClient(new ProviderEndpoint(baseUrl, DemoModel.ApiKey), TimeProvider.System);
        _folder = folder;
        _tools =
        [
            new ToolDefinition.Function("exec_command", "Runs a command.", Schema),
            new ToolDefinition.Function("write_stdin", "Polls a command.", Schema),
            new ToolDefinition.Function("update_plan", "Keeps a plan.", Schema),
        ];
        if (!ask)
        {
            _tools.Add(new ToolDefinition.Custom("apply_patch", "Changes files.", "start: /(.|\\n)+/"));
        }
    }

    public List<ConversationEntry> History { get; } = [new ConversationEntry.User("# AGENTS.md instructions for /workspace\n\n<INSTRUCTIONS>\nBe kind.\n</INSTRUCTIONS>")];

    /// <summary>Commands that were run, oldest first.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>Tokens of the last request.</summary>
    public TokenUsage Usage { get; private set; }

    /// <summary>Messages to put in before the request of that number.</summary>
    public Dictionary<int, string> Steering { get; } = [];

    /// <summary>Numbers of requests before which the conversation is compacted.</summary>
    public HashSet<int> Compactions { get; } = [];

    /// <summary>What to answer to a command instead of running it.</summary>
    public Func<string, string?> Instead { get; set; } = _ => null;

    /// <summary>Sends a message and works until the final answer.</summary>
    public async Task<string> AskAsync(string prompt)
    {
        History.Add(new ConversationEntry.User(prompt));
        for (var request = 1; request < 100; request++)
        {
            if (Steering.Remove(request, out var message))
            {
                History.Add(new ConversationEntry.User(message));
            }

            if (Compactions.Contains(request))
            {
                await CompactAsync();
            }

            var answer = await RequestAsync();
            History.AddRange(answer);
            var calls = answer.OfType<ConversationEntry.ToolCall>().ToList();
            if (calls.Count == 0)
            {
                return Assert.Single(answer.OfType<ConversationEntry.Assistant>()).Text;
            }

            foreach (var call in calls)
            {
                History.Add(new ConversationEntry.ToolResult(call.CallId, await RunAsync(call), call.Custom));
            }
        }

        throw new InvalidOperationException("The script does not end.");
    }

    public async Task<List<ConversationEntry>> RequestAsync()
    {
        var entries = new List<ConversationEntry>();
        var request = new ModelRequest(DemoModel.Name, null, "You are a coding agent.", History, _tools, "cache-key", Reasons: true);
        await foreach (var update in _client.StreamAsync(request, CancellationToken.None))
        {
            if (update is ModelUpdate.EntryCompleted completed)
            {
                entries.Add(completed.Entry);
            }
            else if (update is ModelUpdate.Completed { Usage: var usage })
            {
                Usage = usage;
            }
        }

        return entries;
    }

    // As the agent does it.
    private async Task CompactAsync()
    {
        History.Add(new ConversationEntry.User("You are near the end of what can be taken in at once. Write a hand-over.", FromServer: true));
        var handOver = Assert.IsType<ConversationEntry.Assistant>(Assert.Single(await RequestAsync(), static entry => entry is not ConversationEntry.Reasoning)).Text;
        List<ConversationEntry> kept = [.. HandOver.NewestMessages(History, 20_000), HandOver.Entry("Nothing.", handOver)];
        History.Clear();
        History.AddRange(kept);
    }

    private async Task<string> RunAsync(ConversationEntry.ToolCall call)
    {
        if (call.Custom)
        {
            return Apply(call.Arguments);
        }

        using var arguments = JsonDocument.Parse(call.Arguments);
        if (call.Name is not "exec_command")
        {
            return call.Name is "update_plan" ? "The plan is updated." : Instead(call.Name) ?? "";
        }

        var command = arguments.RootElement.GetProperty("cmd").GetString()!;
        Commands.Add(command);
        var item = $"item_{++_items}";
        if (Instead(command) is { } answer)
        {
            return $"Item: {item}\n{answer}";
        }

        var start = new ProcessStartInfo("/bin/bash") { WorkingDirectory = _folder, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec 2>&1\n{command}");
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return string.Create(CultureInfo.InvariantCulture, $"Item: {item}\nExit code: {process.ExitCode}\nWall time: 0.1 s\nTotal lines: 1\nOutput:\n{output}");
    }

    // Enough of the format for the demo's own patches: one file, one chunk.
    private string Apply(string patch)
    {
        var lines = patch.TrimEnd('\n').Split('\n');
        Assert.Equal(("*** Begin Patch", "*** End Patch"), (lines[0], lines[^1]));
        var path = Path.Combine(_folder, lines[1].Split(": ")[1]);
        var body = lines[2..^1].Where(line => !line.StartsWith("@@ ", StringComparison.Ordinal)).ToList();
        var (before, after) = (Side('-'), Side('+'));
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        if (before.Length > 0 && !text.Contains(before, StringComparison.Ordinal))
        {
            return "Hunk 1: the file does not hold these lines.";
        }

        File.WriteAllText(path, before.Length > 0 ? text.Replace(before, after, StringComparison.Ordinal) : after);
        return $"Success. Updated the following files:\nM {path}";

        string Side(char sign) => string.Concat(body.Where(line => line[0] == sign || line[0] == ' ').Select(line => line[1..] + "\n"));
    }
}
