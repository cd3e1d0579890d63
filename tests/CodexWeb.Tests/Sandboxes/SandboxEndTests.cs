using System.Diagnostics;
using System.Globalization;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

public sealed class SandboxEndTests
{
    [Fact]
    public async Task When_the_launcher_is_killed_everything_inside_ends_and_says_so()
    {
        await using var rig = new SandboxRig();
        var sandbox = await rig.StartAsync(spec => spec with { Environment = new Dictionary<string, string> { ["MARK"] = rig.Folder } });
        var running = await sandbox.StartAsync(new SandboxCommand { Script = "trap '' TERM HUP; setsid sleep 1000 & echo ready; sleep 1000" }, CancellationToken.None);
        await running.ReadUntilAsync("ready");

        Kill(Ancestors(HostProcesses.With(rig.Folder)[0]).Single(process => HostProcesses.CommandLine(process).StartsWith("/bin/sh\0", StringComparison.Ordinal)));

        var reason = await sandbox.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.StartsWith("The sandbox ended unexpectedly", reason, StringComparison.Ordinal);
        Assert.Equal(reason, (await running.Exit).Reason);
        await HostProcesses.UntilNoneAsync(rig.Folder);
    }

    [Fact]
    public async Task When_the_server_dies_everything_inside_ends()
    {
        await using var rig = new SandboxRig();
        var command = rig.Driver.BuildCommand(new SandboxSpec { Workspace = rig.Plain }, limitEachProcess: true);
        var process = new ProcessRunner().Start(command);
        var connection = new SupervisorConnection();
        connection.SendRaw("\n"u8.ToArray());
        connection.SendRaw(SandboxScripts.Supervisor);
        var request = new SupervisedProcess(connection, takesInput: false, exit => exit);
        var writing = connection.WriteAsync(process.Input, CancellationToken.None);
        var reading = connection.ReadAsync(process.Output, () => { }, CancellationToken.None);
        await request.StartAsync(
            new SandboxCommand { Script = "trap '' TERM HUP; sleep 1000", Environment = new Dictionary<string, string> { ["MARK"] = rig.Folder, ["PATH"] = "/usr/bin" } },
            CancellationToken.None);
        await HostProcesses.UntilSomeAsync(rig.Folder);

        // All that is left of a killed server is that its ends of the pipes are closed.
        connection.Complete();
        await writing;
        await reading;

        await process.Exit.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(HostProcesses.With(rig.Folder));
        await process.DisposeAsync();
    }

    [Fact]
    public async Task A_workspace_that_is_not_there_is_said()
    {
        await using var rig = new SandboxRig();

        var exception = await Assert.ThrowsAsync<SandboxException>(
            () => rig.StartAsync(spec => spec with { Workspace = new WorkspaceMount.Overlay(rig.Folder + "/none", rig.Folder + "/upper", rig.Folder + "/work") }));

        Assert.Contains("The sandbox could not be started", exception.Message, StringComparison.Ordinal);
        Assert.Contains(rig.Folder + "/none", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_start_leaves_nothing_running()
    {
        await using var rig = new SandboxRig();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.Driver.StartAsync(new SandboxSpec { Workspace = rig.Plain }, cancellation.Token));

        await HostProcesses.UntilNoneAsync(rig.Folder);
    }

    private static void Kill(int process)
    {
        using var victim = Process.GetProcessById(process);
        victim.Kill();
    }

    private static IEnumerable<int> Ancestors(int process)
    {
        while (process > 1)
        {
            yield return process;
            var status = File.ReadAllText($"/proc/{process}/stat");
            process = int.Parse(status[(status.LastIndexOf(')') + 4)..].Split(' ')[0], CultureInfo.InvariantCulture);
        }
    }
}
