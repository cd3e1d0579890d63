using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

public sealed class SampleRepositoryTests : IDisposable
{
    private readonly TestGround ground = new();

    public void Dispose() => ground.Dispose();

    [Fact]
    public async Task The_sample_has_a_history_and_one_failing_test_that_a_one_line_fix_heals()
    {
        var folder = Path.Combine(ground.Folder, "sample");
        await new SampleRepository(ground.Git).CreateAsync(folder, CancellationToken.None);

        Assert.Equal("", await ground.GitAsync(folder, "status", "--porcelain"));
        Assert.Equal("7", await ground.GitAsync(folder, "rev-list", "--count", "main"));

        var before = await ground.RunAsync(folder, "prove", "-lr", "t");
        Assert.Equal(1, before.ExitCode);
        Assert.Contains("t/discount.t (Wstat: 256", TestGround.Text(before), StringComparison.Ordinal);
        Assert.Contains("Failed test '10 pieces: 5 percent'", before.Error, StringComparison.Ordinal);

        var module = Path.Combine(folder, "lib/Basket/Discount.pm");
        var text = await File.ReadAllTextAsync(module);
        await File.WriteAllTextAsync(module, text.Replace("last if $quantity <= $step->{from};", "last if $quantity < $step->{from};", StringComparison.Ordinal));
        var after = await ground.RunAsync(folder, "prove", "-lr", "t");
        Assert.Equal((0, ""), (after.ExitCode, after.Error));
    }

    [Fact]
    public async Task A_sample_that_is_there_stays_as_it_is()
    {
        var folder = Path.Combine(ground.Folder, "sample");
        Directory.CreateDirectory(folder);

        await new SampleRepository(ground.Git).CreateAsync(folder, CancellationToken.None);

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public async Task Every_file_of_the_sample_is_in_its_history()
    {
        var folder = Path.Combine(ground.Folder, "sample");
        await new SampleRepository(ground.Git).CreateAsync(folder, CancellationToken.None);

        var tracked = (await ground.GitAsync(folder, "ls-files")).Split('\n');
        var embedded = typeof(SampleRepository).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("Sample/", StringComparison.Ordinal))
            .Select(name => name["Sample/".Length..]);
        Assert.Equal(embedded.Order(StringComparer.Ordinal), tracked.Order(StringComparer.Ordinal));
    }
}
