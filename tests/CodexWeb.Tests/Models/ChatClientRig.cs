using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Tests.Models;

/// <summary>Asks a scripted server of Chat Completions through the real client.</summary>
internal static class ChatClientRig
{
    public static readonly ToolDefinition[] Tools =
    [
        new ToolDefinition.Function("exec_command", "Runs a command.", """{"type":"object","properties":{"cmd":{"type":"string"}},"required":["cmd"]}"""),
        new ToolDefinition.Function("list", "Lists.", """{"type":"object","properties":{}}"""),
        new ToolDefinition.Custom("apply_patch", "Changes files.", "start: \"x\""),
    ];

    public static ModelRequest Request(params ConversationEntry[] input) =>
        new("test-model", null, "Be good.", input.Length > 0 ? input : [new ConversationEntry.User("Hello")], Tools, "attempt-1");

    public static ChatModelClient ClientOf(ResponsesServer server, TimeSpan? idleLimit = null, string key = "key-1") =>
        new(new ProviderEndpoint(server.BaseUrl, key), TimeProvider.System, idleLimit);

    public static async Task<List<ModelUpdate>> AskAsync(IModelClient client, ModelRequest? request = null, CancellationToken cancellationToken = default)
    {
        var updates = new List<ModelUpdate>();
        await foreach (var update in client.StreamAsync(request ?? Request(), cancellationToken))
        {
            updates.Add(update);
        }

        return updates;
    }

    public static Task<List<ModelUpdate>> AskAsync(ResponsesServer server, ModelRequest? request = null) => AskAsync(ClientOf(server), request);

    /// <summary>What comes of an answer of these chunks.</summary>
    public static async Task<List<ModelUpdate>> AskAsync(params string[] chunks)
    {
        await using var server = await ResponsesServer.StartAsync(ChatReply.Stream(chunks));
        return await AskAsync(server);
    }

    public static string TextOf(IEnumerable<ModelUpdate> updates) => string.Concat(updates.OfType<ModelUpdate.TextDelta>().Select(static delta => delta.Text));

    public static string ThoughtOf(IEnumerable<ModelUpdate> updates) => string.Concat(updates.OfType<ModelUpdate.ReasoningDelta>().Select(static delta => delta.Text));

    public static List<ConversationEntry> EntriesOf(IEnumerable<ModelUpdate> updates) => [.. updates.OfType<ModelUpdate.EntryCompleted>().Select(static completed => completed.Entry)];

    public static List<(string Name, string Arguments)> CallsOf(IEnumerable<ModelUpdate> updates) =>
        [.. EntriesOf(updates).OfType<ConversationEntry.ToolCall>().Select(static call => (call.Name, call.Arguments))];
}
