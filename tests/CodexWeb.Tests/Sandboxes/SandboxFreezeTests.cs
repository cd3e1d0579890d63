using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

public sealed class SandboxFreezeTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly SandboxRig rig = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task What_runs_stands_still_until_it_is_let_go_and_then_goes_on()
    {
        var sandbox = await rig.StartAsync();
        // One that keeps making others, and one that left its command.
        var busy = await sandbox.StartAsync(new SandboxCommand { Script = "(setsid sh -c 'while :; do echo x >> left; sleep 0.01; done' &); echo begun; while :; do echo x >> count; sleep 0.01; done" }, None);
        await busy.ReadUntilAsync("begun");

        await sandbox.FreezeAsync(None);

        var before = (await SizeAsync(sandbox, "count"), await SizeAsync(sandbox, "left"));
        // Frozen longer than the supervisor's next looks.
        using (var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(600)))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sandbox.StartAsync(new SandboxCommand { Script = "true" }, patience.Token));
        }

        Assert.Equal(before, (await SizeAsync(sandbox, "count"), await SizeAsync(sandbox, "left")));
        var waits = sandbox.RunAsync("echo after");
        Assert.False(waits.IsCompleted);
        await sandbox.ThawAsync(None);
        Assert.Equal("after\n", (await waits).Output);
        var grown = await sandbox.RunAsync($"until [ $(wc -c < count) -gt {before.Item1} ] && [ $(wc -c < left) -gt {before.Item2} ]; do sleep 0.02; done; echo grown");
        Assert.Equal("grown\n", grown.Output);
    }

    [Fact]
    public async Task A_frozen_command_can_be_killed_and_a_frozen_sandbox_closed()
    {
        var sandbox = await rig.StartAsync();
        var sleeping = await sandbox.StartAsync(new SandboxCommand { Script = "echo begun; sleep 1000" }, None);
        await sleeping.ReadUntilAsync("begun");
        await sandbox.FreezeAsync(None);

        await sleeping.SignalAsync(9, None);

        Assert.Equal(9, (await sleeping.Exit.WaitAsync(TimeSpan.FromSeconds(10))).Signal);
        var waits = sandbox.StartAsync(new SandboxCommand { Script = "true" }, None);
        await sandbox.DisposeAsync();
        await Assert.ThrowsAsync<SandboxException>(() => waits);
    }

    private static async Task<long> SizeAsync(ISandbox sandbox, string name) => (await sandbox.ReadFileAsync(name, 1 << 20, None)).Content.Length;
}
