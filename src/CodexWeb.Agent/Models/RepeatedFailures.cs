using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>
/// Commands of a turn that fail the same way again and again, however much else is done in between: the same text in the same folder, with the same exit code and the same
/// output but for numbers, times and names of temporary files. A fold over the log; what a person says or decides begins the count anew.
/// </summary>
internal sealed partial class RepeatedFailures
{
    /// <summary>Failures in a row of the same command that are a circle.</summary>
    public const int Many = 3;

    /// <summary>Failures in a row at which a turn ends that nobody can be asked about.</summary>
    public const int TooMany = 6;

    private readonly Dictionary<(string Command, string Folder), (string Way, int Times)> _failures = [];

    /// <summary>The command that failed last, when it failed often and nothing was done about it yet; else null.</summary>
    public RepeatedFailure? Circle { get; private set; }

    /// <summary>Takes the next event.</summary>
    public void Add(AgentEvent @event)
    {
        switch (@event)
        {
            case AgentEvent.TurnStarted or AgentEvent.TurnCompleted or AgentEvent.TurnFailed:
            case AgentEvent.ItemCompleted { Item: Item.UserMessage or Item.Approval { Kind: ApprovalKind.Loop } }:
                _failures.Clear();
                Circle = null;
                break;
            case AgentEvent.ItemCompleted { Item: Item.Notice { Kind: "loop" } }:
                Circle = null;
                break;
            case AgentEvent.ItemCompleted { Item: Item.CommandExecution command }:
                Ended(command);
                break;
            default:
                break;
        }
    }

    private void Ended(Item.CommandExecution command)
    {
        var key = (command.Command, command.WorkingDirectory);
        if (command.Status is ItemStatus.Cancelled or ItemStatus.Unknown || command.ExitCode is 0)
        {
            _failures.Remove(key);
            return;
        }

        var way = Way(command);
        var times = _failures.TryGetValue(key, out var before) && string.Equals(before.Way, way, StringComparison.Ordinal) ? before.Times + 1 : 1;
        _failures[key] = (way, times);
        Circle = times is Many or >= TooMany ? new RepeatedFailure(command, times) : Circle;
    }

    private static string Way(Item.CommandExecution command)
    {
        var same = Numbers().Replace(Temporary().Replace($"{command.ExitCode} {command.Reason}\n{command.Output}", "/tmp/…"), "#");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(same)));
    }

    [GeneratedRegex(@"/(?:var/)?tmp/[^\s'"":;,)\]]*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Temporary();

    // Hexadecimal addresses and hashes too, which hold at least one digit.
    [GeneratedRegex(@"0x[0-9a-fA-F]+|\b(?=[0-9a-f]*[0-9])[0-9a-f]{7,}\b|[0-9]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex Numbers();
}

/// <summary>A command that fails the same way again and again.</summary>
/// <param name="Command">How it ended last.</param>
/// <param name="Times">How often in a row.</param>
internal sealed record RepeatedFailure(Item.CommandExecution Command, int Times);
