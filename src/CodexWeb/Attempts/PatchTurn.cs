using System.Globalization;
using System.Text;
using CodexWeb.Agent;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Attempts;

/// <summary>A turn without a model: the server applies hunks a person took or dropped, inside the sandbox, and tells the conversation. The checks run after it as after any turn.</summary>
internal sealed class PatchTurn(Turn turn, IPatchReader reader)
{
    private const int MostFiles = 50;

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="WorkspaceException">The patch could not be tried at all.</exception>
    public async Task<TurnOutcome> RunAsync(PreparedTurn prepared, CancellationToken cancellationToken)
    {
        if (prepared.Prompt is { } prompt)
        {
            await prepared.Append([new AgentEvent.TurnStarted(turn.Number), new AgentEvent.ItemCompleted(new Item.UserMessage(prepared.Ids.Next(), prompt, "follow_up"))], cancellationToken);
        }

        var direction = turn.Source is TurnSources.Drop ? PatchDirection.Reverse : PatchDirection.Forward;
        var change = new Item.FileChange(prepared.Ids.Next(), reader.FilesOf(turn.Patch!, direction), ItemStatus.InProgress);
        await prepared.Append([new AgentEvent.ItemStarted(change)], cancellationToken);
        var applied = await SandboxPatch.ApplyAsync(prepared.Sandbox, Encoding.UTF8.GetBytes(turn.Patch!), direction, cancellationToken);
        if (!applied.Applies)
        {
            var message = $"The hunks do not fit the files any more, and nothing was changed. {string.Join(' ', applied.Conflicts)}";
            await prepared.Append([new AgentEvent.ItemCompleted(change with { Status = ItemStatus.Failed, Reason = message }), new AgentEvent.TurnFailed(turn.Number, message)], cancellationToken);
            return new TurnOutcome.Failed(message, null, default);
        }

        await prepared.Append(
            [
                new AgentEvent.ItemCompleted(change with { Status = ItemStatus.Completed }),
                new AgentEvent.HistoryAppended([new ConversationEntry.User(Note(change.Changes), FromServer: true)]),
            ],
            cancellationToken);
        await prepared.Checkpoint(cancellationToken);
        await prepared.Append([new AgentEvent.TurnCompleted(turn.Number, default)], cancellationToken);
        return new TurnOutcome.Completed("", default);
    }

    private string Note(IReadOnlyList<ChangedFile> files)
    {
        var text = new StringBuilder(turn.Source is TurnSources.Drop
            ? "The person dropped a part of your change; the server has taken it out of the files again:\n"
            : "The person took a part of another attempt at this task over into yours; the server has put it into the files:\n");
        foreach (var file in files.Take(MostFiles))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- {file.MovedTo ?? file.Path} (+{file.Added} −{file.Removed})");
        }

        return text.Append(files.Count > MostFiles ? $"\n- and {files.Count - MostFiles} more" : "")
            .Append("\n\nWhat you knew of these files may be out of date: read them before you go on, and keep this decision.")
            .ToString();
    }
}
