using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

/// <summary>Runs alone, because it counts what the whole test process has open.</summary>
[CollectionDefinition("Counts what the process has open", DisableParallelization = true)]
[Collection("Counts what the process has open")]
public sealed class SandboxLeakTests
{
    [Fact]
    public async Task Starting_and_ending_sandboxes_leaves_nothing_behind()
    {
        await using var rig = new SandboxRig();
        await RunOneAsync(rig);
        var (descriptors, groups) = (Descriptors(), Groups());

        for (var i = 0; i < 10; i++)
        {
            await RunOneAsync(rig);
        }

        Assert.True(Descriptors() <= descriptors + 5, $"{descriptors} descriptors became {Descriptors()}.");
        Assert.True(Groups() <= groups, $"{groups} control groups became {Groups()}.");
        Assert.DoesNotContain(rig.Folder, await File.ReadAllTextAsync("/proc/self/mounts"), StringComparison.Ordinal);
    }

    private static async Task RunOneAsync(SandboxRig rig)
    {
        await using var sandbox = await rig.Driver.StartAsync(new SandboxSpec { Workspace = rig.Overlay }, CancellationToken.None);
        await sandbox.RunAsync("sleep 1000 & echo x");
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    // This process's alone: another server or test run on the machine makes and removes its own meanwhile.
    private static int Groups()
        => Directory.Exists("/sys/fs/cgroup/memory") ? Directory.GetDirectories("/sys/fs/cgroup/memory", $"codexweb-{Environment.ProcessId}.*", SearchOption.AllDirectories).Length : 0;
}
