using System.Text;

namespace CodexWeb.Browser.Tests;

/// <summary>A search that finds nothing is worth as much as what it would have found.</summary>
public sealed class SecretSearchTests : IDisposable
{
    private const string Secret = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";

    private readonly DataFolder _folder = new();
    private readonly SecretSearch _search = new(Secret);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("x-access-token:")]
    [InlineData("oauth2:")]
    public void A_secret_is_found_in_base64_wherever_it_begins(string before)
    {
        var path = Write($"Authorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{before}{Secret}!"))}");

        Assert.Equal([path], _search.FindFiles(_folder.Path));
    }

    [Fact]
    public void A_secret_is_found_as_it_is_and_what_only_looks_like_it_is_not()
    {
        var path = Write($"https://x:{Secret}@host");
        Assert.Equal([path], _search.FindFiles(_folder.Path));

        Write($"https://x:{Secret[..^1]}@host");
        Assert.Empty(_search.FindFiles(_folder.Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_secret_is_found_in_arguments_and_environments_of_processes(bool asArgument)
    {
        var start = new System.Diagnostics.ProcessStartInfo("sh", asArgument ? ["-c", "echo ready; read line", Secret] : ["-c", "echo ready; read line"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["OF_A_TEST"] = asArgument ? "nothing" : Secret;
        using var process = System.Diagnostics.Process.Start(start)!;

        // Only then it is loaded for sure.
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());

        var expected = $"/proc/{process.Id}/{(asArgument ? "cmdline" : "environ")}";
        Assert.Contains(expected, _search.FindProcesses());
        process.StandardInput.Close();
        await process.WaitForExitAsync();
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string text)
    {
        var path = _folder.Below("file");
        File.WriteAllText(path, text);
        return path;
    }
}
