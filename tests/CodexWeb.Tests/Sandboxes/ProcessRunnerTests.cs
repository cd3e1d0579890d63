using System.Globalization;
using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

public sealed class ProcessRunnerTests
{
    private readonly ProcessRunner runner = new();

    [Fact]
    public async Task A_program_gets_its_arguments_as_they_are_and_no_environment_but_its_own()
    {
        var result = await runner.RunAsync(
            Shell("printf '%s|' \"$@\"; env | grep -v -e ^PWD= -e ^_= -e ^SHLVL=", "$(id)", "; rm x", "a b") with
            {
                Environment = new Dictionary<string, string> { ["ONLY"] = "this" },
            },
            CancellationToken.None);

        Assert.Equal("$(id)|; rm x|a b|ONLY=this\n", Encoding.UTF8.GetString(result.Output.Span));
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Input_exit_code_and_error_text_pass_through()
    {
        var result = await runner.RunAsync(Shell("cat; echo wrong >&2; exit 7") with { Input = "given"u8.ToArray() }, CancellationToken.None);

        Assert.Equal("given", Encoding.UTF8.GetString(result.Output.Span));
        Assert.Equal("wrong\n", result.Error);
        Assert.Equal(7, result.ExitCode);
    }

    [Fact]
    public async Task A_program_that_does_not_read_its_input_is_no_failure()
    {
        var result = await runner.RunAsync(Shell("exit 3") with { Input = new byte[1 << 20] }, CancellationToken.None);

        Assert.Equal(3, result.ExitCode);
    }

    [Fact]
    public async Task Output_over_the_cap_stops_the_program_and_says_so()
    {
        var result = await runner.RunAsync(Shell("yes") with { MaxOutputBytes = 100_000 }, CancellationToken.None);

        Assert.True(result.OutputCut);
        Assert.Equal(100_000, result.Output.Length);
    }

    [Fact]
    public async Task Streamed_output_is_handed_on_without_being_kept()
    {
        var total = 0L;
        var result = await runner.RunAsync(
            Shell("head -c 100000000 /dev/zero") with { MaxOutputBytes = long.MaxValue },
            chunk =>
            {
                total += chunk.Length;
                return ValueTask.CompletedTask;
            },
            CancellationToken.None);

        Assert.Equal(100_000_000, total);
        Assert.Equal(0, result.Output.Length);
        Assert.False(result.OutputCut);
    }

    [Fact]
    public async Task Too_long_a_run_ends_with_a_sentence_and_its_children_end_too()
    {
        using var folder = new TemporaryFolder();
        var command = Shell("setsid sleep 600 & echo $! > \"$1\"; sleep 600", folder.File("child")) with { Timeout = TimeSpan.FromSeconds(1) };

        var exception = await Assert.ThrowsAsync<ProcessException>(() => runner.RunAsync(command, CancellationToken.None));

        Assert.Equal("sh did not end within 1 seconds and was stopped.", exception.Message);
        Assert.True(HasEnded(int.Parse(await File.ReadAllTextAsync(folder.File("child")), CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Cancelling_kills_the_program()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        var process = 0;
        var run = runner.RunAsync(
            Shell("echo $$; trap '' TERM INT; sleep 600"),
            async chunk =>
            {
                process = int.Parse(Encoding.UTF8.GetString(chunk.Span), CultureInfo.InvariantCulture);
                await cancellation.CancelAsync();
            },
            cancellation.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.True(HasEnded(process));
    }

    [Fact]
    public async Task A_missing_program_is_named_with_the_way_to_get_it()
    {
        var exception = await Assert.ThrowsAsync<ProcessException>(
            () => runner.RunAsync(new ProcessCommand { FileName = "no-such-program", Arguments = [] }, CancellationToken.None));

        Assert.Contains("The program no-such-program is not installed.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_root_server_runs_programs_as_an_account_without_rights()
    {
        var account = HostAccount.Detect();

        var result = await runner.RunAsync(
            Shell("id -u; id -g; id -G; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status") with { Account = account },
            CancellationToken.None);

        var lines = Encoding.UTF8.GetString(result.Output.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEqual(0u, account.UserId);
        Assert.Equal(account.UserId.ToString(CultureInfo.InvariantCulture), lines[0]);
        Assert.Equal(account.GroupId.ToString(CultureInfo.InvariantCulture), lines[1]);
        Assert.Contains("CapEff:\t0000000000000000", lines);
        if (account.DropsFromRoot)
        {
            Assert.Equal(lines[1], lines[2]);
            Assert.Contains("NoNewPrivs:\t1", lines);
        }
    }

    [Fact]
    public async Task Owning_a_link_leaves_its_target_alone()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("target"), "");
        File.CreateSymbolicLink(folder.File("link"), folder.File("target"));
        var account = HostAccount.Detect();

        account.Own(folder.File("link"));

        var owners = await runner.RunAsync(
            new ProcessCommand { FileName = "stat", Arguments = ["--format=%u", "--", folder.File("target"), folder.File("link")] },
            CancellationToken.None);
        var target = account.DropsFromRoot ? 0 : account.UserId;
        Assert.Equal($"{target}\n{account.UserId}\n", Encoding.UTF8.GetString(owners.Output.Span));
    }

    private static ProcessCommand Shell(string script, params string[] arguments)
        => new() { FileName = "sh", Arguments = ["-c", script, "sh", .. arguments], Environment = new Dictionary<string, string> { ["PATH"] = HostPrograms.SearchPath } };

    /// <summary>Gone, or a zombie that its new parent has not buried yet.</summary>
    private static bool HasEnded(int process)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{process}/stat");
            return status[(status.LastIndexOf(')') + 2)..].StartsWith('Z');
        }
        catch (IOException)
        {
            return true;
        }
    }
}
