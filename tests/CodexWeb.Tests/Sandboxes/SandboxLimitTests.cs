using System.Diagnostics;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

/// <summary>What greedy code inside does to itself, and not to the server.</summary>
public sealed class SandboxLimitTests : IAsyncLifetime
{
    private readonly SandboxRig rig = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task A_fork_bomb_stops_at_the_limit_is_ended_and_leaves_the_sandbox_usable()
    {
        var sandbox = await rig.StartAsync(spec => spec with { Limits = new SandboxLimits { Processes = 100 } });

        var bomb = await sandbox.RunAsync("bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 100");
        var after = await sandbox.RunAsync("ls /proc | grep -c '^[0-9]*$'");

        Assert.Equal("Its processes reached the limit of 100 in this sandbox and were stopped.", bomb.Exit.Reason);
        Assert.Equal(9, bomb.Exit.Signal);
        Assert.True(int.Parse(after.Output, System.Globalization.CultureInfo.InvariantCulture) < 10, after.Output);
    }

    [Fact]
    public async Task A_fork_bomb_in_the_background_is_told_to_the_next_command()
    {
        var sandbox = await rig.StartAsync(spec => spec with { Limits = new SandboxLimits { Processes = 100 } });

        await sandbox.RunAsync("(bomb() { bomb | bomb & }; bomb; sleep 100) >/dev/null 2>&1 &");
        var waiting = await sandbox.RunAsync(
            """perl -e 'sub count { opendir(my $d, "/proc"); scalar grep { /^[0-9]/ } readdir $d } select(undef, undef, undef, 0.05) until count() > 80; select(undef, undef, undef, 0.05) while count() > 10'""");

        Assert.Equal(
            "Processes that an earlier command left in the background were stopped. Its processes reached the limit of 100 in this sandbox and were stopped.",
            waiting.Exit.Reason ?? (await sandbox.RunAsync("true")).Exit.Reason);
    }

    [Fact]
    public async Task Every_sandbox_counts_its_own_processes()
    {
        var limits = new SandboxLimits { Processes = 60 };
        var first = await rig.StartAsync(spec => spec with { Limits = limits });
        var second = await rig.StartAsync(spec => spec with { Limits = limits });
        await first.RunAsync("for i in $(seq 40); do sleep 1000 & done");

        var result = await second.RunAsync("for i in $(seq 40); do sleep 1000 & done; echo started");

        Assert.Equal("started\n", result.Output);
    }

    [Fact]
    public async Task A_command_that_takes_too_much_memory_is_stopped_and_says_why()
    {
        var sandbox = await rig.StartAsync(spec => spec with { Limits = new SandboxLimits { MemoryMiB = 256 } });
        var bystander = await sandbox.StartAsync(new SandboxCommand { Script = "sleep 1000" }, CancellationToken.None);

        // Many small ones: the limit is for all of them together.
        var bomb = await sandbox.RunAsync("""for i in 1 2 3 4; do perl -e '$x = "x" x 90_000_000; select(undef, undef, undef, 5)' & done; wait; sleep 5; exit 1""");

        Assert.NotNull(bomb.Exit.Reason);
        Assert.Contains("limit of 256 MiB in this sandbox", bomb.Exit.Reason, StringComparison.Ordinal);
        Assert.False(bystander.Exit.IsCompleted);
        Assert.Equal("usable\n", (await sandbox.RunAsync("echo usable")).Output);
    }

    [Fact]
    public async Task One_process_that_takes_sixteen_gigabytes_is_stopped_and_says_why()
    {
        var sandbox = await rig.StartAsync(spec => spec with { Limits = new SandboxLimits { MemoryMiB = 256 } });

        var bomb = await sandbox.RunAsync("""perl -e 'push @x, "x" x 10_000_000 for 1 .. 1600'""");

        Assert.NotEqual(0, bomb.Exit.Code);
        // Without a control group it may be refused the memory, and say so itself, before anybody has to stop it.
        Assert.Matches("limit of 256 MiB in this sandbox|Out of memory", bomb.Exit.Reason ?? bomb.Output);
        Assert.Equal("usable\n", (await sandbox.RunAsync("echo usable")).Output);
    }

    [Fact]
    public async Task A_file_and_the_scratch_folders_end_at_their_size()
    {
        var sandbox = await rig.StartAsync(spec => spec with { Limits = new SandboxLimits { FileSizeMiB = 5, ScratchMiB = 8 } });

        var file = await sandbox.RunAsync("head -c 20000000 /dev/zero > big; code=$?; stat -c %s big; exit $code");
        var scratch = await sandbox.RunAsync("for i in 1 2 3; do head -c 4000000 /dev/zero > /tmp/$i; done 2>&1 | grep -o 'No space left on device'");

        Assert.EndsWith("5242880\n", file.Output, StringComparison.Ordinal);
        Assert.Equal("A file grew over 5 MiB, the limit in this sandbox.", file.Exit.Reason);
        Assert.Equal("No space left on device\n", scratch.Output);
    }

    [Fact]
    public async Task A_process_ends_at_its_CPU_time()
    {
        var sandbox = await rig.StartAsync(spec => spec with { Limits = new SandboxLimits { CpuSeconds = 1 } });

        var result = await sandbox.RunAsync("while :; do :; done");

        Assert.Equal("A process used more than 1 seconds of CPU time, the limit in this sandbox.", result.Exit.Reason);
    }

    [Fact]
    public async Task Limits_cannot_be_raised_from_inside()
    {
        var sandbox = await rig.StartAsync();

        var result = await sandbox.RunAsync("ulimit -Hu; ulimit -u 100000 2>&1 | grep -o 'cannot modify limit'; ulimit -c; ulimit -f");

        Assert.Equal("512\ncannot modify limit\n0\n4194304\n", result.Output);
    }

    [Fact]
    public async Task Twenty_sandboxes_work_at_once()
    {
        var watch = Stopwatch.StartNew();
        var sandboxes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => rig.Driver.StartAsync(new SandboxSpec { Workspace = rig.Plain }, CancellationToken.None)));
        var results = await Task.WhenAll(sandboxes.Select((sandbox, index) => sandbox.RunAsync($"echo {index} > /tmp/mine; sleep 0.2; cat /tmp/mine")));
        await Task.WhenAll(sandboxes.Select(sandbox => sandbox.DisposeAsync().AsTask()));

        Assert.Equal(Enumerable.Range(0, 20).Select(index => $"{index}\n"), results.Select(result => result.Output));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), watch.Elapsed.ToString());
    }
}
