using System.Globalization;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>Writes to a command that outlived its call, polls it, or interrupts it.</summary>
internal sealed class WriteStdinTool(AgentTurn turn, TurnLog log, CommandSessions commands) : Tool
{
    private const char Interrupt = '\u0003';

    private static readonly ToolDefinition.Function Told = new("write_stdin", EmbeddedText.Read("Tools.WriteStdin.md"), """
        {
          "type": "object",
          "properties": {
            "session_id": { "type": "integer", "description": "The session exec_command gave." },
            "chars": { "type": "string", "description": "Characters to write; empty to poll; \u0003 to interrupt." },
            "yield_time_ms": { "type": "integer", "description": "How long to wait for more output: 250 to 30000 after writing (default 250), 5000 to 300000 when polling (default 5000)." },
            "max_output_tokens": { "type": "integer", "description": "Cut the output to this many tokens, head and tail. Default and most: 10000." }
          },
          "required": ["session_id"],
          "additionalProperties": false
        }
        """);

    /// <inheritdoc/>
    public override ToolDefinition Definition => Told;

    /// <inheritdoc/>
    public override bool MayChangeFiles => turn.Mode is AgentMode.Code;

    /// <summary>What is typed into a shell is a command too. A look at its output and an interrupt start nothing.</summary>
    public override ValueTask<Permission?> PermissionAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = ToolArguments.Parse(call.Arguments);
        var characters = arguments.OptionalText("chars") ?? "";
        if (characters.All(static c => c == Interrupt) || commands.Find(arguments.Number("session_id", -1, -1, int.MaxValue)) is not { } command)
        {
            return ValueTask.FromResult<Permission?>(null);
        }

        return ValueTask.FromResult<Permission?>(new Permission(
            ApprovalKind.Command, $"Type into {command.ItemId}: {Permission.FirstLine(characters)}", $"# typed into: {Permission.FirstLine(command.Command)}\n{characters}"));
    }

    /// <inheritdoc/>
    public override async Task<ToolAnswer> RunAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = ToolArguments.Parse(call.Arguments);
        var session = arguments.Number("session_id", -1, -1, int.MaxValue);
        var characters = arguments.OptionalText("chars") ?? "";
        var yield = characters.Length == 0
            ? arguments.Number("yield_time_ms", 5_000, 5_000, 300_000)
            : arguments.Number("yield_time_ms", 250, 250, 30_000);
        var tokens = arguments.Number("max_output_tokens", turn.Limits.ToolOutputTokens, 1, turn.Limits.ToolOutputTokens);
        var command = commands.Find(session) ?? throw new ToolRefusedException(string.Create(
            CultureInfo.InvariantCulture, $"There is no session {session}. It has ended and its output was read, or it ended with its turn. Start the command again if you need it."));
        command.BeginWait();
        var refusal = await WriteAsync(command, characters, cancellationToken);
        var report = await command.WaitAsync(TimeSpan.FromMilliseconds(yield), cancellationToken);
        var answer = await CommandAnswer.OfAsync(command, report, commands, tokens, []);
        return refusal is null ? answer : answer with { Text = refusal + "\n" + answer.Text };
    }

    /// <summary>Writes, or says why it could not be. What a stopped turn no longer writes is told by the report.</summary>
    private async Task<string?> WriteAsync(LiveCommand command, string characters, CancellationToken cancellationToken)
    {
        if (characters.Length == 0 || !command.Running)
        {
            return null;
        }

        await log.AppendAsync(new AgentEvent.ItemCompleted(new Item.Notice(log.Ids.Next(), "tool", Shown(command, characters))));
        try
        {
            await (command.Terminal ? command.WriteAsync(characters, cancellationToken) : WritePartsAsync(command, characters, cancellationToken));
            return null;
        }
        catch (SandboxException exception)
        {
            return command.Running ? $"Nothing was written: {exception.Message} Start a command that needs input with `tty` true." : null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Without a terminal nobody turns the interrupt character into a signal.</summary>
    private static async Task WritePartsAsync(LiveCommand command, string characters, CancellationToken cancellationToken)
    {
        var parts = characters.Split(Interrupt);
        for (var index = 0; index < parts.Length; index++)
        {
            if (index > 0)
            {
                await command.InterruptAsync(cancellationToken);
            }

            if (parts[index].Length > 0)
            {
                await command.WriteAsync(parts[index], cancellationToken);
            }
        }
    }

    private static string Shown(LiveCommand command, string characters) => characters.All(static c => c == Interrupt)
        ? $"Interrupted {command.ItemId}."
        : $"Wrote to {command.ItemId}: {(characters.Length <= 200 ? characters : characters[..200] + "…").Replace(Interrupt.ToString(), "^C", StringComparison.Ordinal).TrimEnd()}";
}
