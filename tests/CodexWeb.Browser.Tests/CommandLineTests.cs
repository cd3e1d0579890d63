namespace CodexWeb.Browser.Tests;

/// <summary>The program's commands, as processes.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly DataFolder _folder = new();

    [Fact]
    public async Task Doctor_says_one_line_per_check_and_that_all_is_well_here()
    {
        var (exitCode, output, error) = await ServerProcess.RunAsync("", "doctor", $"--Data:Directory={_folder.Below("data")}");

        Assert.True(exitCode == 0, output + error);
        Assert.Contains("Git", output, StringComparison.Ordinal);
        Assert.Contains("Sandbox", output, StringComparison.Ordinal);
        Assert.EndsWith("Tasks can run.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_fails_when_a_model_provider_cannot_be_reached()
    {
        var (exitCode, output, _) = await ServerProcess.RunAsync(
            "",
            "doctor",
            $"--Data:Directory={_folder.Below("data")}",
            "--Models:Providers:0:Name=dead",
            "--Models:Providers:0:ApiKey=secret-key",
            "--Models:Providers:0:BaseUrl=http://127.0.0.1:9/v1",
            "--Models:Providers:0:Models:0:Id=any");

        Assert.Equal(1, exitCode);
        Assert.Contains("http://127.0.0.1:9/v1 cannot be reached", output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-key", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrate_makes_the_database_and_then_has_nothing_to_do()
    {
        var first = await ServerProcess.RunAsync("", "migrate", $"--Data:Directory={_folder.Below("data")}");
        var second = await ServerProcess.RunAsync("", "migrate", $"--Data:Directory={_folder.Below("data")}");

        Assert.True(first.ExitCode == 0, first.Error);
        Assert.StartsWith("Applied: ", first.Output, StringComparison.Ordinal);
        Assert.Equal((0, "The database is up to date.\n"), (second.ExitCode, second.Output));
    }

    [Theory]
    [InlineData("--Attempts:MaxParalel=2", "Attempts:MaxParalel")]
    [InlineData("--Attempts:MaxParallel=0", "Attempts:MaxParallel")]
    [InlineData("--Attempts:WallClock=soon", "Attempts:WallClock")]
    [InlineData("--urls=http://0.0.0.0:0", "http://0.0.0.0:0")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string name)
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync("", $"--Data:Directory={_folder.Below("data")}", setting);

        Assert.Equal(1, exitCode);
        Assert.Contains(name, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Below("data")));
    }

    [Theory]
    [InlineData("--Models:Default=nobody", "nobody")]
    [InlineData("--Models:Providers:0:BaseUrl=nonsense", "must be a whole one")]
    [InlineData("--Models:Providers:0:Name=demo", "'demo'")]
    [InlineData("--Data:Directory=/proc/none", "/proc/none")]
    public async Task What_is_found_wrong_while_starting_is_said_in_a_sentence(string setting, string name)
    {
        var (exitCode, output, error) = await ServerProcess.RunAsync(
            "", "--urls=http://127.0.0.1:0", $"--Data:Directory={_folder.Below("data")}", "--Models:Providers:0:Name=own", "--Models:Providers:0:ApiKey=key", "--Models:Providers:0:Models:0:Id=any", setting);

        Assert.Equal(1, exitCode);
        Assert.Contains(name, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_server_on_a_data_folder_does_not_start_and_the_first_goes_on()
    {
        await using var first = await ServerProcess.StartAsync(_folder, port: 0);

        var (exitCode, output, error) = await ServerProcess.RunAsync("", "--urls=http://127.0.0.1:0", $"--Data:Directory={_folder.Below("data")}");

        Assert.Equal(1, exitCode);
        Assert.Contains("Another server works with the data folder", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + error, StringComparison.Ordinal);
        using var client = new HttpClient { BaseAddress = first.Address };
        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/readyz"));
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_a_sentence()
    {
        await using var first = await ServerProcess.StartAsync(_folder, port: 0);

        var (exitCode, output, error) = await ServerProcess.RunAsync("", $"--urls={first.Address}", $"--Data:Directory={_folder.Below("other")}");

        Assert.Equal(1, exitCode);
        Assert.Contains("address already in use", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_nobody_knows_is_refused()
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync("", "docter");

        Assert.Equal(1, exitCode);
        Assert.Contains("'docter'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_patch_reads_a_patch_from_standard_input()
    {
        await File.WriteAllTextAsync(_folder.Below("a.txt"), "one\n");
        const string Patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch\n";

        var check = await ServerProcess.RunAsync(Patch, "apply-patch", "--root", _folder.Path, "--check");
        Assert.Equal((0, "one\n"), (check.ExitCode, await File.ReadAllTextAsync(_folder.Below("a.txt"))));
        var apply = await ServerProcess.RunAsync(Patch, "apply-patch", "--root", _folder.Path);
        Assert.Equal((0, "two\n"), (apply.ExitCode, await File.ReadAllTextAsync(_folder.Below("a.txt"))));
        var again = await ServerProcess.RunAsync(Patch, "apply-patch", "--root", _folder.Path);
        Assert.Equal(1, again.ExitCode);
        Assert.NotEmpty(again.Error);
    }

    public void Dispose() => _folder.Dispose();
}
