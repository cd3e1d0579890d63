using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

/// <summary>A driver, a workspace over a shared checkout, and the sandboxes a test starts.</summary>
internal sealed class SandboxRig : IAsyncDisposable
{
    private static readonly UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly List<ISandbox> sandboxes = [];

    public SandboxRig()
    {
        Folder = Directory.CreateTempSubdirectory("codexweb-sandbox-").FullName;
        File.SetUnixFileMode(Folder, Everybody);
        Account = HostAccount.Detect();
        Driver = new BubblewrapDriver(new ProcessRunner(), Account, Folder, Folder);
        foreach (var name in (string[])["lower", "upper", "work", "plain"])
        {
            Account.MakeFolder(Path.Combine(Folder, name));
        }

        WriteBase("base.txt", "base\n");
    }

    public string Folder { get; }

    public HostAccount Account { get; }

    public BubblewrapDriver Driver { get; }

    public WorkspaceMount Overlay => new WorkspaceMount.Overlay(Path.Combine(Folder, "lower"), Path.Combine(Folder, "upper"), Path.Combine(Folder, "work"));

    public WorkspaceMount Plain => new WorkspaceMount.Folder(Path.Combine(Folder, "plain"));

    /// <summary>Puts a file into the shared checkout.</summary>
    public void WriteBase(string name, string content)
    {
        var path = Path.Combine(Folder, "lower", name);
        File.WriteAllText(path, content);
        Account.Own(path);
    }

    public async Task<ISandbox> StartAsync(Func<SandboxSpec, SandboxSpec>? change = null)
    {
        var spec = new SandboxSpec { Workspace = Plain };
        var sandbox = await Driver.StartAsync(change is null ? spec : change(spec), CancellationToken.None);
        sandboxes.Add(sandbox);
        return sandbox;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sandbox in sandboxes)
        {
            await sandbox.DisposeAsync();
        }

        // The kernel leaves a folder without any permission in an overlay's work folder.
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(Folder, "work")))
        {
            File.SetUnixFileMode(folder, Everybody);
        }

        Directory.Delete(Folder, recursive: true);
    }
}

internal static class SandboxTesting
{
    /// <summary>Runs a command to its end.</summary>
    public static async Task<CommandResult> RunAsync(this ISandbox sandbox, string script, bool terminal = false)
    {
        var process = await sandbox.StartAsync(new SandboxCommand { Script = script, Terminal = terminal }, CancellationToken.None);
        var output = await process.ReadAllAsync();
        return new CommandResult(output, await process.Exit);
    }

    public static async Task<string> ReadAllAsync(this SandboxProcess process)
    {
        using var all = new MemoryStream();
        await foreach (var chunk in process.Output.ReadAllAsync())
        {
            all.Write(chunk.Span);
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }

    /// <summary>Reads until a text has come.</summary>
    public static async Task<string> ReadUntilAsync(this SandboxProcess process, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var read = "";
        while (!read.Contains(text, StringComparison.Ordinal))
        {
            read += Encoding.UTF8.GetString((await process.Output.ReadAsync(patience.Token)).Span);
        }

        return read;
    }
}

internal sealed record CommandResult(string Output, SandboxExit Exit);
