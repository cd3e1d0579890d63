using System.Globalization;
using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>What a call learns of a command: its new output, and whether it has ended.</summary>
/// <param name="Output">New since the last report; head and tail when it was much.</param>
/// <param name="Closed">The item as it will stay, when the command has ended; else null.</param>
/// <param name="Closing">To be logged with the result of the call; null when the command still runs or its end is logged already.</param>
internal sealed record CommandReport(KeptOutput Output, Item.CommandExecution? Closed, AgentEvent.ItemCompleted? Closing);

/// <summary>A command in the sandbox from its start to its end: reads its output, shows it live, keeps all of it, and knows who logs its end.</summary>
internal sealed class LiveCommand : IAsyncDisposable
{
    private const int BufferBytes = 1 << 20;
    private const int PreviewBytes = 64 << 10;
    private const long LiveBytes = 256 << 10;
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan KillTime = TimeSpan.FromMilliseconds(300);

    private readonly Lock _gate = new();
    private readonly SandboxProcess _process;
    private readonly TurnLog _log;
    private readonly TimeProvider _time;
    private readonly DeltaStream _live;
    private readonly OutputFile _file;
    private readonly HeadTailBuffer _unread = new(BufferBytes);
    private readonly HeadTailBuffer _preview = new(PreviewBytes);
    private readonly CancellationTokenSource _abandon = new();
    private readonly long _began;
    private readonly Task _pump;
    private Item.CommandExecution _item;
    private (ItemStatus Status, string Reason)? _stopped;
    private int _waiting;
    private bool _closed;
    private bool _closingTaken;

    /// <summary>Takes a started process over.</summary>
    /// <param name="item">Logged as started already.</param>
    public LiveCommand(SandboxProcess process, Item.CommandExecution item, bool terminal, OutputFile file, TurnLog log, TimeProvider time)
    {
        (_process, _item, _file, _log, _time) = (process, item, file, log, time);
        Terminal = terminal;
        _live = new DeltaStream(item.Id, log, time, firstAtOnce: false, LiveBytes);
        _began = time.GetTimestamp();
        // The call that started it waits from the first moment on.
        _waiting = 1;
        _pump = PumpAsync();
    }

    /// <summary>The item's id.</summary>
    public string ItemId => _item.Id;

    /// <summary>Given to the model when the command outlives its call: the number of its item.</summary>
    public int SessionId => ItemIds.NumberOf(_item.Id);

    /// <summary>The shell text.</summary>
    public string Command => _item.Command;

    /// <summary>True when it has a terminal.</summary>
    public bool Terminal { get; }

    /// <summary>True until its end is known.</summary>
    public bool Running => !_pump.IsCompleted;

    /// <summary>Time since its start.</summary>
    public TimeSpan Age => _time.GetElapsedTime(_began);

    /// <summary>Must come before <see cref="WaitAsync"/> in every call but the one that started it: from here on, the end of the command is logged by the call.</summary>
    public void BeginWait()
    {
        lock (_gate)
        {
            _waiting++;
        }
    }

    /// <summary>Waits until the command ends or the time is over, and takes the new output.</summary>
    public async Task<CommandReport> WaitAsync(TimeSpan yield, CancellationToken cancellationToken)
    {
        try
        {
            await _pump.WaitAsync(yield, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // It runs on; the model is given a session.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await StopAsync(ItemStatus.Cancelled, "The person stopped the turn.");
        }

        return Report();
    }

    /// <summary>Writes to its standard input or terminal.</summary>
    public Task WriteAsync(string characters, CancellationToken cancellationToken) => _process.WriteAsync(Encoding.UTF8.GetBytes(characters), cancellationToken);

    /// <summary>Interrupts its process group as Ctrl-C does.</summary>
    public Task InterruptAsync(CancellationToken cancellationToken) => _process.SignalAsync(2, cancellationToken);

    /// <summary>Ends it: a polite signal, a short grace, then the group is killed. Takes 400 ms at most; its end can then be taken by a report.</summary>
    public async Task StopAsync(ItemStatus status, string reason)
    {
        lock (_gate)
        {
            _stopped ??= (status, reason);
        }

        foreach (var (signal, time) in new[] { (15, Grace), (9, KillTime) })
        {
            if (Running)
            {
                await SignalAsync(signal, time);
            }
        }

        // What holds the output open now is no longer waited for.
        await _abandon.CancelAsync();
        await _pump;
    }

    /// <summary>The new output, and the end when it is known.</summary>
    public CommandReport Report()
    {
        lock (_gate)
        {
            _waiting--;
            var output = _unread.Kept();
            _unread.Clear();
            _item = _closed ? _item : _item with { SessionId = SessionId };
            return new CommandReport(output, _closed ? _item : null, TakeClosing());
        }
    }

    /// <summary>Releases what it holds; it must have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _abandon.Dispose();
    }

    private async Task SignalAsync(int signal, TimeSpan wait)
    {
        using var patience = new CancellationTokenSource(wait, _time);
        try
        {
            await _process.SignalAsync(signal, patience.Token);
            await _pump.WaitAsync(patience.Token);
        }
        catch (Exception exception) when (exception is SandboxException or OperationCanceledException)
        {
            // It has ended by itself, or it takes longer than it is given.
        }
    }

    private async Task PumpAsync()
    {
        var decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false).GetDecoder();
        SandboxExit? exit = null;
        try
        {
            while (await _live.WaitForAsync(_process.Output.WaitToReadAsync(_abandon.Token).AsTask()))
            {
                while (_process.Output.TryRead(out var bytes))
                {
                    await TakeAsync(bytes, decoder);
                }
            }

            exit = await _process.Exit.WaitAsync(_abandon.Token);
        }
        catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
        {
            // Stopped, and it did not let go of its output in time: it is closed with what there is.
        }

        finally
        {
            await _file.DisposeAsync();
        }

        if (Close(exit) is { } closing)
        {
            await _log.AppendAsync(closing);
        }
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> bytes, Decoder decoder)
    {
        await _file.WriteAsync(bytes, _abandon.Token);
        lock (_gate)
        {
            _unread.Append(bytes.Span);
            _preview.Append(bytes.Span);
        }

        var text = new char[decoder.GetCharCount(bytes.Span, flush: false)];
        decoder.GetChars(bytes.Span, text, flush: false);
        _live.Add(Utf8Text.ShowNuls(new string(text)));
        await _live.FlushDueAsync();
    }

    /// <summary>Makes the item what it will stay. Gives the event when no call waits that would log it.</summary>
    private AgentEvent.ItemCompleted? Close(SandboxExit? exit)
    {
        lock (_gate)
        {
            var (status, reason) = _stopped ?? Outcome(exit);
            _item = _item with
            {
                Status = status,
                Reason = _file.Gap is { } gap ? string.Join(' ', new[] { reason, gap }.OfType<string>()) : reason,
                Output = _preview.ToString(),
                OutputBytes = _preview.Total,
                ExitCode = exit?.Code,
                DurationMs = (long)(exit?.Duration ?? Age).TotalMilliseconds,
            };
            _closed = true;
            return _waiting == 0 ? TakeClosing() : null;
        }
    }

    private static (ItemStatus Status, string? Reason) Outcome(SandboxExit? exit) => exit switch
    {
        { Code: not null } => (ItemStatus.Completed, exit.Reason),
        { Signal: { } signal } => (ItemStatus.Failed, exit.Reason ?? string.Create(CultureInfo.InvariantCulture, $"Ended by signal {signal}.")),
        _ => (ItemStatus.Failed, exit?.Reason ?? "The sandbox ended."),
    };

    private AgentEvent.ItemCompleted? TakeClosing()
    {
        if (!_closed || _closingTaken)
        {
            return null;
        }

        _closingTaken = true;
        return new AgentEvent.ItemCompleted(_item);
    }
}
