using System.Text;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

/// <summary>A workspace with a real sandbox around it.</summary>
public sealed class LiveSandbox : IAsyncDisposable
{
    private LiveSandbox(Workspace workspace, ISandbox sandbox)
    {
        Workspace = workspace;
        Sandbox = sandbox;
    }

    public Workspace Workspace { get; }

    public ISandbox Sandbox { get; }

    public static async Task<LiveSandbox> StartAsync(TestGround ground, WorkspaceRequest request)
    {
        var workspace = await ground.Store.OpenAsync(request, CancellationToken.None);
        var driver = new BubblewrapDriver(ground.Runner, ground.Account, Path.Combine(ground.Paths.DataDirectory, "workspaces"), ground.Paths.DataDirectory);
        var spec = new SandboxSpec { Workspace = workspace.Mount, ReadOnlyMounts = workspace.ReadOnlyMounts, ReadOnlyWorkspace = request.ReadOnly };
        return new LiveSandbox(workspace, await driver.StartAsync(spec, CancellationToken.None));
    }

    /// <summary>Runs a command inside, which must succeed.</summary>
    /// <returns>Its output without the last line end.</returns>
    public async Task<string> RunAsync(string script)
    {
        var (code, output) = await TryAsync(script);
        return code == 0 ? output : throw new InvalidOperationException($"Exit code {code}: {output}");
    }

    public async Task<(int? Code, string Output)> TryAsync(string script)
    {
        var process = await Sandbox.StartAsync(new SandboxCommand { Script = script }, CancellationToken.None);
        using var output = new MemoryStream();
        await foreach (var chunk in process.Output.ReadAllAsync())
        {
            output.Write(chunk.Span);
        }

        return ((await process.Exit).Code, Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n'));
    }

    public Task<Checkpoint?> CheckpointAsync() => Workspace.CheckpointAsync(Sandbox, "Step", CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Sandbox.DisposeAsync();
        Workspace.Dispose();
    }
}
