using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

/// <summary>A supervisor that was taken over: here a shell script in its place.</summary>
public sealed class SupervisorLiesTests
{
    private const string Hello = @"printf '\000\000\000\004h\000\000\000\000\000\000\000\001'; ";
    private const string Started = @"printf '\000\000\000\000s\000\000\000\001'; ";

    [Theory]
    [InlineData(@"printf '\377\377\377\377o\000\000\000\001'", "a frame larger than any it may send")]
    [InlineData(@"printf '\000\000\000\001o\000\000\000\011x'", "an answer to a question nobody asked")]
    [InlineData(Started + Started, "an answer that does not fit a command")]
    [InlineData(@"printf '\000\000\000\001o\000\000\000\001x'", "an answer that does not fit a command")]
    [InlineData(Started + @"printf '\000\000\000\002x\000\000\000\001\000\000'", "a malformed exit")]
    [InlineData(Started + @"printf '\000\000\000\001i\000\000\000\001\001'", "word of a write that nobody asked for")]
    [InlineData(Started + @"for i in 1 2 3 4 5; do printf '\000\001\000\000o\000\000\000\001'; head -c 65536 /dev/zero; done", "more output than it was allowed to")]
    [InlineData(@"printf '\000\000\000\004h\000\000\000\000\000\000\000\007'", "a version this server does not speak")]
    public async Task A_lie_ends_the_sandbox_with_a_clear_reason(string lie, string what)
    {
        await using var sandbox = Start(Hello + "read -r _; " + lie + "\nsleep 1000");
        var starting = sandbox.StartAsync(new SandboxCommand { Script = "true" }, CancellationToken.None);

        var reason = await sandbox.Ended.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(reason == $"The sandbox was stopped because its supervisor sent {what}.", reason);
        await Record.ExceptionAsync(() => starting);
        await Assert.ThrowsAsync<SandboxException>(() => sandbox.StartAsync(new SandboxCommand { Script = "true" }, CancellationToken.None));
    }

    [Fact]
    public async Task A_file_longer_than_asked_for_is_a_lie()
    {
        await using var sandbox = Start(Hello + @"read -r _; printf '\000\000\000\005d\000\000\000\001xxxxx'; sleep 1000");

        await Assert.ThrowsAsync<SandboxException>(() => sandbox.ReadFileAsync("x", 4, CancellationToken.None));
        Assert.Contains("does not fit the reading of a file", await sandbox.Ended, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_longer_than_it_was_is_not_believed()
    {
        await using var sandbox = Start(Hello + "read -r _; " + Started + @"printf '\000\000\000\012x\000\000\000\001\000\000\377\377\377\377\377\377\377\377'; sleep 1000");

        var process = await sandbox.StartAsync(new SandboxCommand { Script = "true" }, CancellationToken.None);

        Assert.InRange((await process.Exit).Duration, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task What_it_says_on_standard_error_is_in_the_reason_without_control_characters()
    {
        await using var sandbox = Start(@"printf 'no\033[31m luck' >&2; exit 3");

        var exception = await Assert.ThrowsAsync<SandboxException>(() => sandbox.WaitUntilReadyAsync(CancellationToken.None));

        Assert.Equal("The sandbox could not be started: no [31m luck", exception.Message);
    }

    [Fact]
    public async Task One_that_neither_listens_nor_ends_is_killed()
    {
        var sandbox = Start(Hello + "trap '' TERM INT; exec 0</dev/null; while :; do sleep 1; done");
        await sandbox.WaitUntilReadyAsync(CancellationToken.None);

        await sandbox.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("The sandbox was closed.", await sandbox.Ended);
    }

    /// <summary>The script gets the server's first line, the supervisor's program and the first frame as standard input; it waits for a line with "read".</summary>
    private static SupervisedSandbox Start(string script)
    {
        // Swallows the first line and the program, up to its last line, before the lie is told.
        var process = new ProcessRunner().Start(new ProcessCommand
        {
            FileName = "sh",
            Arguments = ["-c", "read -r _; head -c " + SandboxScripts.Supervisor.Length + " > /dev/null; " + script.Replace("read -r _", "head -c 9 > /dev/null", StringComparison.Ordinal)],
        });
        return new SupervisedSandbox(process, new Dictionary<string, string>(), memory: null);
    }
}
