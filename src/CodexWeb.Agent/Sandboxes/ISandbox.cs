using System.Threading.Channels;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>Makes sandboxes of one kind.</summary>
public interface ISandboxDriver
{
    /// <summary>The name of the setting: <c>bubblewrap</c>.</summary>
    string Name { get; }

    /// <summary>Tries every wall by starting a sandbox; slow (up to a second), so its result is to be kept.</summary>
    Task<SandboxReport> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Starts a sandbox around a workspace.</summary>
    /// <exception cref="SandboxException">It could not be started; the message says what to do.</exception>
    Task<ISandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken);
}

/// <summary>Whether sandboxes can be had here, wall by wall.</summary>
/// <param name="Checks">One per wall or tool.</param>
public sealed record SandboxReport(IReadOnlyList<SandboxCheck> Checks)
{
    /// <summary>The name of the check whether a workspace can be an overlay.</summary>
    public const string CopyOnWriteCheck = "Copy-on-write workspaces";

    /// <summary>True when no required check failed.</summary>
    public bool Works => Checks.All(check => check.Passed || !check.Required);

    /// <summary>True when workspaces can be <see cref="WorkspaceMount.Overlay"/>; else they are to be <see cref="WorkspaceMount.Folder"/>.</summary>
    public bool CopyOnWrite => Checks.Any(check => check is { Name: CopyOnWriteCheck, Passed: true });
}

/// <summary>One line of the report.</summary>
/// <param name="Detail">What was found.</param>
/// <param name="Fix">What to install or change; null when it passed.</param>
/// <param name="Required">False for a nicety (copy-on-write, cgroups) without which sandboxes still work.</param>
public sealed record SandboxCheck(string Name, bool Passed, string Detail, string? Fix = null, bool Required = true);

/// <summary>A sandbox could not be started, or ended.</summary>
public sealed class SandboxException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What a sandbox is made of. All paths on the host are the server's own, never the model's.</summary>
public sealed record SandboxSpec
{
    /// <summary>The workspace, seen inside as <see cref="ISandbox.WorkspacePath"/>.</summary>
    public required WorkspaceMount Workspace { get; init; }

    /// <summary>True in Ask mode: the workspace cannot be written.</summary>
    public bool ReadOnlyWorkspace { get; init; }

    /// <summary>Further host folders, read-only, each at its place inside.</summary>
    public IReadOnlyList<ReadOnlyMount> ReadOnlyMounts { get; init; } = [];

    /// <summary>Added to the sandbox's own environment (PATH, HOME, LANG, TERM, NO_COLOR, CI, pagers).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Limits on what runs inside.</summary>
    public SandboxLimits Limits { get; init; } = new();
}

/// <summary>A host folder seen read-only inside.</summary>
public sealed record ReadOnlyMount(string HostPath, string SandboxPath);

/// <summary>Where the workspace's files lie on the host. They belong to the account that runs sandboxes.</summary>
public abstract record WorkspaceMount
{
    /// <summary>A copy-on-write layer over a shared checkout.</summary>
    /// <param name="Lower">The shared checkout; never written.</param>
    /// <param name="Upper">Takes the writes; survives the sandbox.</param>
    /// <param name="Work">Overlay's own folder, on the file system of <paramref name="Upper"/>.</param>
    public sealed record Overlay(string Lower, string Upper, string Work) : WorkspaceMount;

    /// <summary>A folder of the attempt's own, where the kernel allows no overlay.</summary>
    public sealed record Folder(string Path) : WorkspaceMount;
}

/// <summary>Limits inside one sandbox; zero or less switches a limit off.</summary>
public sealed record SandboxLimits
{
    /// <summary>Memory of all its processes together, in MiB. Default 4096.</summary>
    public int MemoryMiB { get; init; } = 4096;

    /// <summary>Processes and threads. Default 512.</summary>
    public int Processes { get; init; } = 512;

    /// <summary>Size of a single file, in MiB. Default 4096.</summary>
    public int FileSizeMiB { get; init; } = 4096;

    /// <summary>CPU seconds of one process. Default 3600.</summary>
    public int CpuSeconds { get; init; } = 3600;

    /// <summary>Size of the private /tmp and home each, in MiB. Default 1024.</summary>
    public int ScratchMiB { get; init; } = 1024;
}

/// <summary>A live sandbox. Disposing it kills everything inside.</summary>
public interface ISandbox : IAsyncDisposable
{
    /// <summary>The workspace's path inside, for every driver.</summary>
    const string WorkspacePath = "/workspace";

    /// <summary>Completes when the sandbox has ended, with the reason in a sentence for people; never faults.</summary>
    Task<string> Ended { get; }

    /// <summary>Starts a command in a process group of its own.</summary>
    /// <exception cref="SandboxException">The sandbox has ended, or the working directory is not there.</exception>
    Task<SandboxProcess> StartAsync(SandboxCommand command, CancellationToken cancellationToken);

    /// <summary>Reads a file as the sandbox sees it, so that no link leads out of it.</summary>
    /// <param name="path">Absolute, or relative to the workspace.</param>
    /// <param name="maxBytes">A larger file is refused.</param>
    /// <returns>The file, or why there is none to read.</returns>
    Task<SandboxFile> ReadFileAsync(string path, int maxBytes, CancellationToken cancellationToken);

    /// <summary>Writes, moves and deletes workspace files, in order. The first that fails stops the rest and undoes those before it.</summary>
    /// <exception cref="SandboxException">One failed (its message names the path); nothing is changed.</exception>
    Task ChangeFilesAsync(IReadOnlyList<SandboxFileChange> changes, CancellationToken cancellationToken);

    /// <summary>Stops all that runs inside where it is. What is started or written from then on waits for <see cref="ThawAsync"/>; files can be read, and commands killed.</summary>
    /// <exception cref="SandboxException">The sandbox has ended.</exception>
    Task FreezeAsync(CancellationToken cancellationToken);

    /// <summary>Lets all go on.</summary>
    /// <exception cref="SandboxException">The sandbox has ended.</exception>
    Task ThawAsync(CancellationToken cancellationToken);
}

/// <summary>A file read through the sandbox.</summary>
/// <param name="Kind">What is at the path.</param>
/// <param name="Content">The bytes when <see cref="SandboxFileKind.Regular"/>, else empty.</param>
/// <param name="Mode">Permission bits, for example 0o644.</param>
/// <param name="RealPath">The path with every link resolved, as the sandbox sees it; for what does not exist, that of its deepest existing folder joined with the rest.</param>
public sealed record SandboxFile(SandboxFileKind Kind, ReadOnlyMemory<byte> Content, int Mode, string RealPath);

/// <summary>What is at a path.</summary>
public enum SandboxFileKind
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Directory,

    /// <summary>A regular file over the size asked for.</summary>
    TooLarge,

    /// <summary>A device, a FIFO, a socket, or what may not be read.</summary>
    Other,
}

/// <summary>One change to a file inside the sandbox. Paths are absolute or relative to the workspace; missing folders are made.</summary>
public abstract record SandboxFileChange(string Path)
{
    /// <summary>Writes the whole file, with its old mode bits or <paramref name="Mode"/> when it is new.</summary>
    public sealed record Write(string Path, ReadOnlyMemory<byte> Content, int Mode = 0b110_100_100) : SandboxFileChange(Path);

    /// <summary>Removes the file.</summary>
    public sealed record Delete(string Path) : SandboxFileChange(Path);
}

/// <summary>A command to run.</summary>
public sealed record SandboxCommand
{
    /// <summary>Shell text, run by <c>bash -c</c> (or <c>sh</c> where there is no bash). It is the model's: nothing of it reaches a command line of the host.</summary>
    public required string Script { get; init; }

    /// <summary>Absolute, or relative to the workspace. Empty: the workspace.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary>True for a pseudo-terminal; TERM is then xterm-256color.</summary>
    public bool Terminal { get; init; }

    /// <summary>
    /// True to keep standard input open for <see cref="SandboxProcess.WriteAsync"/>. Default: it is empty, so that a program which reads it when it may (ripgrep, cat) does not wait for ever.
    /// A terminal can always be written to.
    /// </summary>
    public bool KeepInput { get; init; }

    /// <summary>Added to the environment of this command alone.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>A command that was started.</summary>
public abstract class SandboxProcess
{
    /// <summary>Standard output and error as they come, in the order of arrival. Completed after the last byte. Bounded: a slow reader slows the command.</summary>
    public abstract ChannelReader<ReadOnlyMemory<byte>> Output { get; }

    /// <summary>Completes when the command has ended and its output is complete; never faults.</summary>
    public abstract Task<SandboxExit> Exit { get; }

    /// <summary>Writes to standard input or the terminal.</summary>
    /// <exception cref="SandboxException">The command has ended or closed its input, or has none: see <see cref="SandboxCommand.KeepInput"/>.</exception>
    public abstract Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Sends a signal to the command's whole process group; no effect when it has ended.</summary>
    /// <param name="signal">Number, for example 2 (INT), 15 (TERM), 9 (KILL).</param>
    public abstract Task SignalAsync(int signal, CancellationToken cancellationToken);
}

/// <summary>How a command ended.</summary>
/// <param name="Code">Exit code 0 to 255; null when a signal or the sandbox ended it.</param>
/// <param name="Signal">The signal's number, else null.</param>
/// <param name="Reason">A sentence for people when a limit or the sandbox's end was the cause, else null.</param>
/// <param name="Duration">Wall time inside the sandbox.</param>
public sealed record SandboxExit(int? Code, int? Signal, string? Reason, TimeSpan Duration);
