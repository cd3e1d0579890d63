using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

public sealed class BubblewrapArgumentsTests
{
    [Fact]
    public async Task Folders_of_the_server_that_lie_among_the_programs_are_empty_inside()
    {
        await using var rig = new SandboxRig();
        var among = Directory.EnumerateDirectories("/usr/share", "perl*").First();
        var driver = new BubblewrapDriver(new ProcessRunner(), rig.Account, rig.Folder, among);
        await using var sandbox = await driver.StartAsync(new SandboxSpec { Workspace = rig.Plain }, CancellationToken.None);

        var result = await sandbox.RunAsync($"ls -A {among}; ls /usr/bin/perl");

        Assert.Equal("/usr/bin/perl\n", result.Output);
    }

    [Fact]
    public void Limits_that_are_switched_off_set_none()
    {
        var spec = new SandboxSpec
        {
            Workspace = new WorkspaceMount.Folder("/data/workspace"),
            Limits = new SandboxLimits { MemoryMiB = 0, Processes = -1, FileSizeMiB = 0, CpuSeconds = 0, ScratchMiB = 0 },
        };

        var arguments = BubblewrapArguments.Build(spec, [], limitEachProcess: true);

        Assert.Equal(["/workspace", "0", "0", "0", "0", "1"], arguments[^6..]);
        Assert.Single(arguments, "--size");
    }
}
