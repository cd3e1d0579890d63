using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Agent.Models;

/// <summary>
/// The AGENTS.md files of a workspace: those from its root down to the folder a turn begins in, and later those of folders the agent first works in.
/// Each folder's is given once in a conversation, the shallower before the deeper. Calls must not overlap.
/// </summary>
/// <param name="sandbox">Where the files are read: they are the repository's, so nothing of them is trusted.</param>
/// <param name="settings">The server's side.</param>
/// <param name="history">The conversation so far; says what was given before a restart or in an earlier turn.</param>
public sealed class Instructions(ISandbox sandbox, InstructionSettings settings, IReadOnlyList<ConversationEntry> history)
{
    private const string Heading = "# AGENTS.md instructions for ";
    private const int MaxDepth = 32;
    private const int MaxReadBytes = 16 * 1024 * 1024;

    private readonly HashSet<string> _looked = FoldersGiven(history);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly string[] _names = ["AGENTS.override.md", "AGENTS.md", .. settings.FallbackNames];

    // What the files after the first message may still take.
    private int _nestedBytes = settings.MaxBytes - Messages(history).Skip(1).Sum(Encoding.UTF8.GetByteCount);

    /// <summary>Folders whose instructions a conversation holds, and all above them; relative to the workspace, empty for its root.</summary>
    public static HashSet<string> FoldersGiven(IEnumerable<ConversationEntry> history)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var message in Messages(history))
        {
            var line = message.AsSpan(Heading.Length);
            if (Relative(line[..line.IndexOf('\n')].ToString()) is { } folder)
            {
                folders.UnionWith(DownTo(folder));
            }
        }

        return folders;
    }

    /// <summary>What has not been given yet of the instructions for some folders. Called with the root first (empty), it begins with the server's own.</summary>
    /// <param name="folders">Absolute, or relative to the workspace; those outside it have none.</param>
    /// <returns>One message for each folder that has something new; their order is that of the folders.</returns>
    /// <exception cref="SandboxException">The sandbox has ended.</exception>
    public async Task<IReadOnlyList<InstructionMessage>> ForAsync(IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folders);
        var messages = new List<InstructionMessage>();
        foreach (var folder in folders)
        {
            if (Relative(folder) is { } relative && await ForAsync(relative, cancellationToken) is { } message)
            {
                messages.Add(message);
            }
        }

        return messages;
    }

    private async Task<InstructionMessage?> ForAsync(string folder, CancellationToken cancellationToken)
    {
        var atStart = !_looked.Contains("");
        var text = new InstructionText(atStart ? settings.MaxBytes : _nestedBytes);
        if (atStart && settings.Global is { } global)
        {
            text.AddGlobal(global);
        }

        foreach (var above in DownTo(folder).Where(_looked.Add))
        {
            await AddFileAsync(above, text, cancellationToken);
        }

        _nestedBytes = atStart ? _nestedBytes : text.BytesLeft;
        return text.Files.Count == 0 ? null : new InstructionMessage($"{Heading}{Path.TrimEndingDirectorySeparator($"{ISandbox.WorkspacePath}/{Shown(folder)}")}\n\n{text}", text.Files);
    }

    // The first name that is a readable file is the folder's, even when it is empty: so a person can switch the others off.
    private async Task AddFileAsync(string folder, InstructionText text, CancellationToken cancellationToken)
    {
        foreach (var name in _names)
        {
            var path = PatchPath.Join(folder, name);
            var file = await sandbox.ReadFileAsync(path, MaxReadBytes, cancellationToken);
            if (file.Kind is SandboxFileKind.TooLarge)
            {
                text.Drop(Shown(path), "it is larger than 16 MiB");
                return;
            }

            if (file.Kind is SandboxFileKind.Regular && Relative(file.RealPath) is { } real)
            {
                if (_read.Add(real))
                {
                    text.Add(Shown(path), file.Content.Span);
                }

                return;
            }
        }
    }

    private static IEnumerable<string> Messages(IEnumerable<ConversationEntry> history) =>
        from entry in history.OfType<ConversationEntry.User>()
        where entry.Text.StartsWith(Heading, StringComparison.Ordinal) && entry.Text.Contains('\n', StringComparison.Ordinal)
        select entry.Text;

    private static string? Relative(string folder)
    {
        var full = folder.Contains('\0', StringComparison.Ordinal) ? "" : Path.GetFullPath(folder, ISandbox.WorkspacePath);
        return full is ISandbox.WorkspacePath ? ""
            : full.StartsWith(ISandbox.WorkspacePath + "/", StringComparison.Ordinal) ? full[(ISandbox.WorkspacePath.Length + 1)..].TrimEnd('/')
            : null;
    }

    private static IEnumerable<string> DownTo(string folder)
    {
        yield return "";
        var depth = 0;
        for (var slash = 0; slash < folder.Length && depth < MaxDepth; slash++, depth++)
        {
            slash = folder.IndexOf('/', slash) is var next and >= 0 ? next : folder.Length;
            yield return folder[..slash];
        }
    }

    // A folder's name may hold a line break; a heading may not.
    private static string Shown(string path) => string.Concat(path.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}

/// <summary>The server's side of instructions.</summary>
public sealed record InstructionSettings
{
    /// <summary>The server's own instructions, before all files; null or white space for none. They do not count towards <see cref="MaxBytes"/>.</summary>
    public string? Global { get; init; }

    /// <summary>File names to take in a folder that has neither AGENTS.override.md nor AGENTS.md, in this order. Default: none.</summary>
    public IReadOnlyList<string> FallbackNames { get; init; } = [];

    /// <summary>Bytes the files given at the start share, and again those given later in the same conversation. Default 32 KiB.</summary>
    public int MaxBytes { get; init; } = 32 * 1024;
}

/// <summary>One message for the model, and what is in it, for people.</summary>
/// <param name="Text">A heading that names the folder, and the files in one block.</param>
/// <param name="Files">In the order of the text.</param>
public sealed record InstructionMessage(string Text, IReadOnlyList<InstructionFile> Files)
{
    /// <summary>One sentence for the log: each file with its size and what was cut.</summary>
    public string Summary => $"Instructions loaded: {string.Join(", ", Files)}.";
}

/// <summary>A file of instructions that was found.</summary>
/// <param name="Path">Relative to the workspace, control characters replaced.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="GivenBytes">How much of it the model was given, from its beginning; 0 when it was dropped.</param>
/// <param name="Note">Why it was cut or dropped, else null.</param>
public sealed record InstructionFile(string Path, long Bytes, int GivenBytes, string? Note)
{
    /// <summary>The path with its size and what was cut.</summary>
    public override string ToString() => (GivenBytes, Note) switch
    {
        (_, null) => FormattableString.Invariant($"{Path} ({Bytes:N0} bytes)"),
        (0, _) => $"{Path} (left out: {Note})",
        _ => FormattableString.Invariant($"{Path} (the first {GivenBytes:N0} of {Bytes:N0} bytes: {Note})"),
    };
}
