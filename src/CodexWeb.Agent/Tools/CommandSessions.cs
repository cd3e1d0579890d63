using System.Globalization;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>The commands of a turn: those that run, and those that ended with output nobody has read yet.</summary>
internal sealed class CommandSessions(AgentTurn turn, TurnLog log, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<LiveCommand> _commands = [];

    /// <summary>True while one runs.</summary>
    public bool AnyRunning
    {
        get
        {
            lock (_gate)
            {
                return _commands.Exists(static command => command.Running);
            }
        }
    }

    /// <summary>Starts a command and logs its start. The caller waits for it from the first moment (<see cref="LiveCommand.WaitAsync"/>).</summary>
    /// <param name="item">The item as it starts.</param>
    /// <exception cref="ToolRefusedException">Too many run.</exception>
    /// <exception cref="SandboxException">It could not be started; the caller logs the item's end.</exception>
    public async Task<LiveCommand> StartAsync(SandboxCommand command, Item.CommandExecution item, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_commands.Count(static live => live.Running) >= turn.Limits.LiveCommands)
            {
                throw new ToolRefusedException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{turn.Limits.LiveCommands} commands are running, which is the most there can be. End one with write_stdin and \\u0003 first."));
            }
        }

        // Logged first: a command that ran is never missing from the log.
        await log.AppendAsync(new AgentEvent.ItemStarted(item));
        var process = await turn.Sandbox.StartAsync(command, cancellationToken);
        var live = new LiveCommand(process, item, command.Terminal, OutputFile.Open(turn, item.Id), log, time);
        await RememberAsync(live);
        return live;
    }

    /// <summary>The command of a session; null when there is none.</summary>
    public LiveCommand? Find(int sessionId)
    {
        lock (_gate)
        {
            return _commands.Find(command => command.SessionId == sessionId);
        }
    }

    /// <summary>Drops a command that has ended and was read to its end.</summary>
    public async ValueTask ForgetAsync(LiveCommand command)
    {
        lock (_gate)
        {
            _commands.Remove(command);
        }

        await command.DisposeAsync();
    }

    /// <summary>Ends what still runs and logs the ends.</summary>
    /// <returns>The commands that were ended.</returns>
    public async Task<IReadOnlyList<LiveCommand>> StopAllAsync(string reason)
    {
        List<LiveCommand> all;
        lock (_gate)
        {
            all = [.. _commands];
        }

        // Nobody waits for these: each logs its own end. Those that ended before are awaited too, so that an error in logging that end comes out.
        var running = all.FindAll(static command => command.Running);
        await Task.WhenAll(all.Select(command => command.StopAsync(ItemStatus.Cancelled, reason)));
        return running;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAllAsync("The turn ended while it ran.");
        }
        finally
        {
            foreach (var command in _commands)
            {
                await command.DisposeAsync();
            }

            _commands.Clear();
        }
    }

    private async ValueTask RememberAsync(LiveCommand live)
    {
        LiveCommand? oldest;
        lock (_gate)
        {
            _commands.Add(live);
            oldest = _commands.Count > turn.Limits.LiveCommands ? _commands.Find(static command => !command.Running) : null;
            _commands.RemoveAll(command => command == oldest);
        }

        if (oldest is not null)
        {
            await oldest.DisposeAsync();
        }
    }
}
