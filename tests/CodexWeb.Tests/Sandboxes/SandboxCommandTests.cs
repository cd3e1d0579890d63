using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

public sealed class SandboxCommandTests : IAsyncLifetime
{
    private readonly SandboxRig rig = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task A_command_runs_in_the_workspace_and_says_how_it_ended()
    {
        var sandbox = await rig.StartAsync(spec => spec with { Workspace = rig.Overlay });

        var result = await sandbox.RunAsync("pwd; cat base.txt; echo wrong >&2; exit 3");

        Assert.Equal("/workspace\nbase\nwrong\n", result.Output);
        Assert.Equal((3, null, null), (result.Exit.Code, result.Exit.Signal, result.Exit.Reason));
    }

    [Fact]
    public async Task Writes_land_in_the_attempts_own_layer_and_survive_the_sandbox()
    {
        var first = await rig.StartAsync(spec => spec with { Workspace = rig.Overlay });
        await first.RunAsync("echo changed > base.txt; mkdir new; echo x > new/file; ");
        await first.DisposeAsync();

        var second = await rig.StartAsync(spec => spec with { Workspace = rig.Overlay });
        var result = await second.RunAsync("cat base.txt new/file");

        Assert.Equal("changed\nx\n", result.Output);
        Assert.Equal("base\n", await File.ReadAllTextAsync(Path.Combine(rig.Folder, "lower", "base.txt")));
    }

    [Fact]
    public async Task A_process_in_the_background_lives_on_between_commands()
    {
        var sandbox = await rig.StartAsync();

        var started = await sandbox.RunAsync("sleep 1000 & echo $! > pid");
        var looked = await sandbox.RunAsync("kill -0 $(cat pid) && echo alive");

        Assert.Equal(0, started.Exit.Code);
        Assert.Equal("alive\n", looked.Output);
    }

    [Fact]
    public async Task A_terminal_command_sees_a_terminal_and_takes_keys()
    {
        var sandbox = await rig.StartAsync();
        var process = await sandbox.StartAsync(
            new SandboxCommand { Script = "tty; echo $TERM; stty size; read -r line; echo got $line; sleep 1000", Terminal = true },
            CancellationToken.None);

        var before = await process.ReadUntilAsync("50 120");
        await process.WriteAsync("hello\n"u8.ToArray(), CancellationToken.None);
        await process.ReadUntilAsync("got hello");
        await process.WriteAsync("\u0003"u8.ToArray(), CancellationToken.None);
        var exit = await process.Exit;

        Assert.Contains("/dev/pts/", before, StringComparison.Ordinal);
        Assert.Contains("xterm-256color", before, StringComparison.Ordinal);
        Assert.True(exit.Signal == 2 || exit.Code == 130, exit.ToString());
    }

    [Fact]
    public async Task Standard_input_is_empty_unless_it_is_kept_open()
    {
        var sandbox = await rig.StartAsync();

        Assert.Equal("", (await sandbox.RunAsync("cat")).Output);

        var kept = await sandbox.StartAsync(new SandboxCommand { Script = "read -r a; echo \"[$a]\"; cat > /dev/null", KeepInput = true }, CancellationToken.None);
        await kept.WriteAsync("ü\n"u8.ToArray(), CancellationToken.None);
        Assert.Equal("[ü]\n", await kept.ReadUntilAsync("\n"));
        await kept.SignalAsync(15, CancellationToken.None);
        Assert.Equal(15, (await kept.Exit).Signal);
        await Assert.ThrowsAsync<SandboxException>(() => kept.WriteAsync("late"u8.ToArray(), CancellationToken.None));
    }

    [Fact]
    public async Task Large_input_waits_for_a_slow_program_and_arrives_whole()
    {
        var sandbox = await rig.StartAsync();
        var process = await sandbox.StartAsync(new SandboxCommand { Script = "read -r; head -c 5000000 | sha256sum", KeepInput = true }, CancellationToken.None);
        var data = Encoding.ASCII.GetBytes(new string('x', 5_000_000));

        var write = process.WriteAsync((byte[])[(byte)'\n', .. data], CancellationToken.None);
        var output = await process.ReadAllAsync();
        await write;

        Assert.StartsWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(data)), output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_megabytes_pass_a_slow_reader_whole_and_hold_little_memory()
    {
        var sandbox = await rig.StartAsync();
        var process = await sandbox.StartAsync(new SandboxCommand { Script = "yes | tr -d '\\n' | head -c 100000000" }, CancellationToken.None);
        var other = await sandbox.RunAsync("echo not held up");
        await Task.WhenAny(process.Exit, Task.Delay(300));
        var waiting = process.Output.Count;

        var (total, held, chunks) = (0L, 0L, 0);
        await foreach (var chunk in process.Output.ReadAllAsync())
        {
            total += chunk.Length;
            held += chunks++ < waiting ? chunk.Length : 0;
        }

        Assert.Equal("not held up\n", other.Output);
        Assert.False(held > 2_000_000, $"{held} bytes were held in {waiting} chunks.");
        Assert.Equal(100_000_000, total);
        Assert.Equal(0, (await process.Exit).Code);
    }

    [Fact]
    public async Task A_command_that_ignores_TERM_ends_by_KILL_with_what_it_started()
    {
        var sandbox = await rig.StartAsync();
        var process = await sandbox.StartAsync(new SandboxCommand { Script = "trap '' TERM; sleep 1000 & echo ready; while :; do sleep 1; done" }, CancellationToken.None);
        await process.ReadUntilAsync("ready");

        await process.SignalAsync(15, CancellationToken.None);
        Assert.Equal("still here\n", (await sandbox.RunAsync("sleep 0.2; pgrep -x bash >/dev/null && echo still here")).Output);
        await process.SignalAsync(9, CancellationToken.None);

        Assert.Equal(9, (await process.Exit).Signal);
        Assert.Equal("", (await sandbox.RunAsync("pgrep -x sleep")).Output);
    }

    [Fact]
    public async Task A_working_directory_that_is_not_there_is_said_before_anything_runs()
    {
        var sandbox = await rig.StartAsync();

        var exception = await Assert.ThrowsAsync<SandboxException>(
            () => sandbox.StartAsync(new SandboxCommand { Script = "true", WorkingDirectory = "no/such" }, CancellationToken.None));

        Assert.Equal("The working directory /workspace/no/such is not there.", exception.Message);
    }

    [Fact]
    public async Task Disposing_ends_everything_at_once_and_says_so()
    {
        var sandbox = await rig.StartAsync(spec => spec with { Environment = new Dictionary<string, string> { ["MARK"] = rig.Folder } });
        await sandbox.RunAsync("trap '' TERM INT HUP; setsid sleep 1000 >/dev/null 2>&1 & (setsid sleep 1000 &) & true");
        var running = await sandbox.StartAsync(new SandboxCommand { Script = "trap '' TERM; sleep 1000" }, CancellationToken.None);

        var watch = System.Diagnostics.Stopwatch.StartNew();
        await sandbox.DisposeAsync();
        watch.Stop();

        Assert.Equal("The sandbox was closed.", await sandbox.Ended);
        Assert.Equal("The sandbox was closed.", (await running.Exit).Reason);
        Assert.Empty(HostProcesses.With(rig.Folder));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"It took {watch.Elapsed.TotalMilliseconds} ms.");
        await Assert.ThrowsAsync<SandboxException>(() => sandbox.StartAsync(new SandboxCommand { Script = "true" }, CancellationToken.None));
    }
}
