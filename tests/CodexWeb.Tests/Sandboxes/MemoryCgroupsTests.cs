using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

/// <summary>The choice of a place for control groups, on plain folders that look like the kernel's.</summary>
public sealed class MemoryCgroupsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_service_alone_in_its_version_2_group_makes_room_and_hands_memory_on()
    {
        Make("service/cgroup.controllers", "cpu memory pids");
        Make("service/cgroup.subtree_control", "");
        Make("service/cgroup.procs", "42\n");
        Make("service/codexweb-server/cgroup.procs", "");

        // Plain folders get no control files of their own, so the last step finds none.
        Assert.Null(MemoryCgroups.Detect(folder.Path, ["0::/service"], 42));

        Assert.Equal("42", File.ReadAllText(folder.File("service/codexweb-server/cgroup.procs")));
        Assert.Equal("+memory", File.ReadAllText(folder.File("service/cgroup.subtree_control")));
    }

    [Fact]
    public void A_version_2_group_with_other_processes_is_left_alone()
    {
        Make("session/cgroup.controllers", "memory");
        Make("session/cgroup.subtree_control", "");
        Make("session/cgroup.procs", "1\n42\n");

        Assert.Null(MemoryCgroups.Detect(folder.Path, ["0::/session"], 42));

        Assert.Equal("", File.ReadAllText(folder.File("session/cgroup.subtree_control")));
        Assert.Equal(3, Directory.GetFileSystemEntries(folder.File("session")).Length);
    }

    [Fact]
    public void A_machine_without_a_memory_controller_has_no_place()
        => Assert.Null(MemoryCgroups.Detect(folder.Path, ["3:cpu:/", "0::/", "nonsense"], 42));

    [Fact]
    public void A_server_sweeps_the_groups_of_dead_servers_and_leaves_those_of_living_ones()
    {
        var alive = MemoryCgroups.OwnerOf(Environment.ProcessId);
        string[] groups = [$"codexweb-{alive}-a", $"codexweb-{Environment.ProcessId}.1-b", $"codexweb-{int.MaxValue}.5-c", "codexweb-server", "another"];
        foreach (var group in groups)
        {
            Directory.CreateDirectory(folder.File(group));
        }

        MemoryCgroups.Sweep(folder.Path);

        Assert.Equal(["another", $"codexweb-{alive}-a", "codexweb-server"], Directory.GetDirectories(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private void Make(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(path))!);
        File.WriteAllText(folder.File(path), content);
    }
}
