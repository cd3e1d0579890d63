using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Tests.Models;
using CodexWeb.Tests.Sandboxes;

namespace CodexWeb.Tests;

/// <summary>One turn with everything real around it: a Responses server, the SDK's client, a sandbox, and a log that keeps its batches.</summary>
internal sealed class LoopRig : IAsyncDisposable
{
    private readonly SandboxRig _sandboxes = new();
    private readonly Lock _gate = new();
    private readonly List<IReadOnlyList<AgentEvent>> _batches = [];
    private readonly Queue<SteeringMessage> _steering = new();
    private readonly Dictionary<string, KeptStream> _outputs = new(StringComparer.Ordinal);
    private readonly List<(Func<AgentEvent, bool> Wanted, TaskCompletionSource Seen)> _watchers = [];

    private LoopRig(ResponsesServer server, AgentMode mode)
    {
        Server = server;
        Mode = mode;
    }

    public ResponsesServer Server { get; }

    public AgentMode Mode { get; }

    public ISandbox Sandbox { get; private set; } = null!;

    /// <summary>The workspace's folder on this machine.</summary>
    public string Workspace => Path.Combine(_sandboxes.Folder, "plain");

    /// <summary>Tokens the model can take in.</summary>
    public int? ContextWindow { get; set; } = 100_000;

    /// <summary>Called when a checkpoint is made.</summary>
    public Func<CancellationToken, Task> Checkpoint { get; set; } = static _ => Task.CompletedTask;

    public IReadOnlyList<IReadOnlyList<AgentEvent>> Batches
    {
        get
        {
            lock (_gate)
            {
                return [.. _batches];
            }
        }
    }

    public IReadOnlyList<AgentEvent> Events => [.. Batches.SelectMany(static batch => batch)];

    public IReadOnlyList<Item> Completed => [.. Events.OfType<AgentEvent.ItemCompleted>().Select(static completed => completed.Item)];

    public static async Task<LoopRig> StartAsync(AgentMode mode, params IReadOnlyList<Reply> replies)
    {
        var rig = new LoopRig(await ResponsesServer.StartAsync(replies), mode);
        rig.Sandbox = await rig._sandboxes.StartAsync(spec => spec with { ReadOnlyWorkspace = mode is not AgentMode.Code });
        return rig;
    }

    /// <summary>Puts a file into the workspace.</summary>
    public void Write(string name, string content)
    {
        var path = Path.Combine(Workspace, name);
        if (Path.GetDirectoryName(path) is { } folder && !Directory.Exists(folder))
        {
            _sandboxes.Account.MakeFolder(folder);
        }

        File.WriteAllText(path, content);
        _sandboxes.Account.Own(path);
    }

    /// <summary>Makes a folder of the workspace; its parent is there.</summary>
    public void MakeFolder(string name) => _sandboxes.Account.MakeFolder(Path.Combine(Workspace, name));

    public string Read(string name) => File.ReadAllText(Path.Combine(Workspace, name));

    public void Steer(string id, string text)
    {
        lock (_gate)
        {
            _steering.Enqueue(new SteeringMessage(id, text));
        }
    }

    /// <summary>The whole output of a command.</summary>
    public byte[] Output(string itemId) => _outputs[itemId].ToArray();

    /// <summary>Completes when an event is logged, or was.</summary>
    /// <param name="patience">Null for 30 seconds.</param>
    public Task LoggedAsync(Func<AgentEvent, bool> wanted, TimeSpan? patience = null)
    {
        lock (_gate)
        {
            if (_batches.Exists(batch => batch.Any(wanted)))
            {
                return Task.CompletedTask;
            }

            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _watchers.Add((wanted, seen));
            return seen.Task.WaitAsync(patience ?? TimeSpan.FromSeconds(30));
        }
    }

    public AgentTurn Turn(string? prompt = "Do it.", Resumption? from = null) => new()
    {
        Number = from is null ? 1 : prompt is null ? from.Turn : from.Turn + 1,
        Prompt = prompt,
        Mode = Mode,
        Client = new ResponsesModelClient(new ProviderEndpoint(Server.BaseUrl, "key-1"), TimeProvider.System),
        Model = "test-model",
        Reasons = true,
        CacheKey = "attempt-1",
        ContextWindow = ContextWindow,
        History = from?.History ?? new Conversation(),
        Facts = from?.Facts ?? new WorkFacts(),
        Ids = from?.Ids ?? new ItemIds(),
        UsedBefore = prompt is null ? from?.Used ?? default : default,
        Sandbox = Sandbox,
        Append = AppendAsync,
        TakeSteering = TakeSteering,
        Checkpoint = token => Checkpoint(token),
        OpenOutput = OpenOutput,
    };

    public Task<TurnOutcome> RunAsync(string? prompt = "Do it.", CancellationToken cancellationToken = default) => RunAsync(Turn(prompt), cancellationToken);

    public static Task<TurnOutcome> RunAsync(AgentTurn turn, CancellationToken cancellationToken = default) => AgentLoop.RunAsync(turn, TimeProvider.System, cancellationToken);

    /// <summary>What the model was answered for a call, in the last request.</summary>
    public string Told(string callId)
    {
        var item = Server.InputOf(Server.Bodies.Count - 1).Single(item => (string?)item!["call_id"] == callId && ((string)item["type"]!).EndsWith("_output", StringComparison.Ordinal))!;
        return item["output"]!.GetValueKind() is System.Text.Json.JsonValueKind.String ? (string)item["output"]! : string.Concat(item["output"]!.AsArray().Select(static part => (string)part!["text"]!));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _sandboxes.DisposeAsync();
    }

    private ValueTask AppendAsync(IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            // As the log does: what was written is what is read.
            IReadOnlyList<AgentEvent> read = [.. events.Select(static @event => ProtocolJson.ReadEvent(ProtocolJson.Write(@event)))];
            _batches.Add(read);
            foreach (var (_, seen) in _watchers.Where(watcher => read.Any(watcher.Wanted)))
            {
                seen.TrySetResult();
            }
        }

        return ValueTask.CompletedTask;
    }

    private List<SteeringMessage> TakeSteering()
    {
        lock (_gate)
        {
            var taken = _steering.ToList();
            _steering.Clear();
            return taken;
        }
    }

    private KeptStream OpenOutput(string itemId)
    {
        lock (_gate)
        {
            return _outputs[itemId] = new KeptStream();
        }
    }

    /// <summary>Can be read after it was closed.</summary>
    private sealed class KeptStream : MemoryStream;
}
