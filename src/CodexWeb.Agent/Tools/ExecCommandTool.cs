using System.Globalization;
using System.Text;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>Runs a command in the sandbox. One that outlives its call goes on as a session.</summary>
/// <param name="patches">Takes patches written as shell text; null in Ask mode.</param>
internal sealed class ExecCommandTool(AgentTurn turn, TurnLog log, CommandSessions commands, ApplyPatchTool? patches) : Tool
{
    private const int DefaultYield = 10_000;
    private const int LongestScript = 256 << 10;

    private static readonly ToolDefinition.Function Told = new("exec_command", EmbeddedText.Read("Tools.ExecCommand.md"), """
        {
          "type": "object",
          "properties": {
            "cmd": { "type": "string", "description": "Shell text, run by bash -c." },
            "workdir": { "type": "string", "description": "Working directory, relative to /workspace or absolute. Default: /workspace." },
            "yield_time_ms": { "type": "integer", "description": "How long to wait for the end before a session id is given, 250 to 30000. Default 10000." },
            "max_output_tokens": { "type": "integer", "description": "Cut the output to this many tokens, head and tail. Default and most: 10000." },
            "tty": { "type": "boolean", "description": "Run in a terminal, for programs that insist on one. Default false." }
          },
          "required": ["cmd"],
          "additionalProperties": false
        }
        """);

    /// <inheritdoc/>
    public override ToolDefinition Definition => Told;

    /// <inheritdoc/>
    public override bool MayChangeFiles => turn.Mode is AgentMode.Code;

    /// <summary>In Ask and Review mode the workspace is read-only, so commands may run side by side. In Code mode a command's text says nothing reliable about what it writes.</summary>
    public override bool OnlyReads(ConversationEntry.ToolCall call) => turn.Mode is not AgentMode.Code;

    /// <inheritdoc/>
    public override async ValueTask<Permission?> PermissionAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = ToolArguments.Parse(call.Arguments);
        var (script, folder) = (Script(arguments), Folder(arguments.OptionalText("workdir")));
        if (ShellPatch.Find(script) is { } patch)
        {
            return patches is null ? null : await patches.PermissionAsync(patch, cancellationToken);
        }

        var title = Permission.FirstLine(script);
        var place = folder.Length == 0 ? "" : $"# in {HiddenCharacters.RevealLine(folder)}\n";
        var detail = place.Length == 0 && string.Equals(title, script, StringComparison.Ordinal) ? null : place + script;
        return new Permission(ApprovalKind.Command, title, detail, "exactly this command in this folder", Permission.Key("command", folder, script));
    }

    /// <inheritdoc/>
    public override async Task<ToolAnswer> RunAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = ToolArguments.Parse(call.Arguments);
        var script = Script(arguments);
        var folder = Folder(arguments.OptionalText("workdir"));
        var yield = TimeSpan.FromMilliseconds(arguments.Number("yield_time_ms", DefaultYield, 250, 30_000));
        var tokens = arguments.Number("max_output_tokens", turn.Limits.ToolOutputTokens, 1, turn.Limits.ToolOutputTokens);
        var terminal = arguments.Flag("tty");
        if (ShellPatch.Find(script) is { } patch)
        {
            return await PatchAsync(patch, folder, cancellationToken);
        }

        var item = new Item.CommandExecution(log.Ids.Next(), script, folder, ItemStatus.InProgress);
        LiveCommand command;
        try
        {
            command = await commands.StartAsync(new SandboxCommand { Script = script, WorkingDirectory = folder, Terminal = terminal }, item, cancellationToken);
        }
        catch (SandboxException exception)
        {
            return new ToolAnswer(
                $"Item: {item.Id}\nThe command was not started: {exception.Message}",
                new AgentEvent.ItemCompleted(item with { Status = ItemStatus.Failed, Reason = exception.Message, DurationMs = 0 }));
        }
        catch (OperationCanceledException)
        {
            return new ToolAnswer(
                $"Item: {item.Id}\naborted: the person stopped the turn while this was started.",
                new AgentEvent.ItemCompleted(item with { Status = ItemStatus.Cancelled, Reason = "Stopped while it was started.", DurationMs = 0 }));
        }

        var report = await command.WaitAsync(yield, cancellationToken);
        return await CommandAnswer.OfAsync(command, report, commands, tokens, [folder]);
    }

    private Task<ToolAnswer> PatchAsync(string patch, string folder, CancellationToken cancellationToken)
    {
        if (patches is null)
        {
            throw new ToolRefusedException("This is Ask mode: files cannot be changed. Answer from what you read.");
        }

        return folder.Length == 0
            ? patches.ApplyAsync(patch, cancellationToken)
            : throw new ToolRefusedException("Paths of a patch are relative to /workspace. Call apply_patch with such paths, or leave the working directory out.");
    }

    /// <summary>The text of <c>cmd</c>; <c>["bash", "-lc", text]</c>, which some models write, is that text.</summary>
    private static string Script(ToolArguments arguments)
    {
        var script = arguments.Texts("cmd") is [("bash" or "sh" or "/bin/bash" or "/bin/sh") and var _, ("-lc" or "-c") and var _, var text] ? text : arguments.Text("cmd");
        if (string.IsNullOrWhiteSpace(script))
        {
            throw new ToolRefusedException("The field `cmd` is empty.");
        }

        if (script.Contains('\0', StringComparison.Ordinal))
        {
            throw new ToolRefusedException("The field `cmd` holds a NUL character, which no command can.");
        }

        return Encoding.UTF8.GetByteCount(script) <= LongestScript
            ? script
            : throw new ToolRefusedException(string.Create(CultureInfo.InvariantCulture, $"The field `cmd` is longer than {LongestScript >> 10} KiB. Put the text into a file first."));
    }

    /// <summary>Relative to the workspace where it lies inside, as it is shown and as instructions are looked up.</summary>
    private static string Folder(string? workdir)
    {
        if (workdir?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new ToolRefusedException("The field `workdir` holds a NUL character.");
        }

        var folder = (workdir ?? "").Trim().TrimEnd('/');
        if (folder is ISandbox.WorkspacePath or "." or "")
        {
            return workdir?.Trim() is "/" ? "/" : "";
        }

        if (folder.StartsWith(ISandbox.WorkspacePath + "/", StringComparison.Ordinal))
        {
            return folder[(ISandbox.WorkspacePath.Length + 1)..];
        }

        return folder.StartsWith("./", StringComparison.Ordinal) ? folder[2..] : folder;
    }
}
