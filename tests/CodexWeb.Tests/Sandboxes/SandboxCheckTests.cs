using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

public sealed class SandboxCheckTests
{
    [Fact]
    public async Task Every_wall_holds_on_this_machine_and_the_report_says_so()
    {
        await using var rig = new SandboxRig();

        var report = await rig.Driver.CheckAsync(CancellationToken.None);

        Assert.True(report.Works, Describe(report));
        Assert.True(report.CopyOnWrite, Describe(report));
        Assert.Equal(
            ["Account", "Programs", "User namespaces", "Data folder", "Host files", "Workspace", "Kernel settings", "Network", "Host processes", "Environment", "System calls", "Privileges", "Copy-on-write workspaces", "Memory limit"],
            report.Checks.Select(check => check.Name));
        Assert.DoesNotContain(Directory.EnumerateDirectories(rig.Folder), folder => Path.GetFileName(folder).StartsWith("check-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_data_folder_that_the_account_cannot_reach_is_said_with_the_way_out()
    {
        await using var rig = new SandboxRig();
        if (!rig.Account.DropsFromRoot)
        {
            return;
        }

        var closed = Path.Combine(rig.Folder, "closed");
        Directory.CreateDirectory(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Path.Combine(closed, "data"));
        var driver = new BubblewrapDriver(new ProcessRunner(), rig.Account, Path.Combine(closed, "data", "workspaces"), Path.Combine(closed, "data"));

        var report = await driver.CheckAsync(CancellationToken.None);

        Assert.False(report.Works);
        Assert.Contains(report.Checks, check => check is { Name: "Data folder", Passed: false, Fix: not null });
    }

    [Fact]
    public void No_driver_is_made_for_root()
        => Assert.Throws<ArgumentException>(() => new BubblewrapDriver(new ProcessRunner(), new HostAccount(0, 0, DropsFromRoot: false), "/tmp", "/tmp"));

    private static string Describe(SandboxReport report)
        => string.Join('\n', report.Checks.Select(check => $"{(check.Passed ? "+" : "-")} {check.Name}: {check.Detail}"));
}
