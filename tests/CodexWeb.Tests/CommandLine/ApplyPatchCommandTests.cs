using System.Diagnostics;
using System.Text;
using CodexWeb.Agent.Tools;
using CodexWeb.Tests.Tools;

namespace CodexWeb.Tests.CommandLine;

/// <summary><c>CodexWeb apply-patch</c> as a process of its own.</summary>
public sealed class ApplyPatchCommandTests : IDisposable
{
    private const string Patch = "*** Begin Patch\n*** Update File: a.txt\n-one\n+zwölf\n*** Add File: b/c.txt\n+new\n*** End Patch\n";

    private readonly PatchFolder _folder = new();

    public ApplyPatchCommandTests() => _folder["a.txt"] = "one\n";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_patch_is_applied_and_the_files_are_named()
    {
        var run = await RunAsync(Patch, "--root", _folder.Path);

        Assert.Equal(new Run(0, "Success. Updated the following files:\nA b/c.txt\nM a.txt\n", ""), run);
        Assert.Equal(["a.txt: zwölf\n", "b/", "b/c.txt: new\n"], _folder.Contents);
    }

    [Fact]
    public async Task Checking_writes_nothing()
    {
        var run = await RunAsync(Patch, "--root", _folder.Path, "--check");

        Assert.Equal(new Run(0, "The patch applies; nothing was written.\nA b/c.txt\nM a.txt\n", ""), run);
        Assert.Equal(["a.txt: one\n"], _folder.Contents);
    }

    [Theory]
    [InlineData()]
    [InlineData("--check")]
    public async Task A_patch_that_does_not_fit_is_refused_with_the_reason(params string[] more)
    {
        var run = await RunAsync("*** Begin Patch\n*** Add File: new.txt\n+x\n*** Update File: a.txt\n-two\n*** End Patch", ["--root", _folder.Path, .. more]);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("Hunk 2, Update File: a.txt (line 4 of the patch): chunk 1 (line 5 of the patch): the file does not hold these lines", run.Error, StringComparison.Ordinal);
        Assert.EndsWith(PatchException.NothingChanged + "\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(["a.txt: one\n"], _folder.Contents);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        var run = await RunAsync([0x2A, 0xFF, 0xFE], ["--root", _folder.Path]);

        Assert.Equal((1, $"The patch is not UTF-8 text.\n{PatchException.NothingChanged}\n"), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("/nonexistent/folder", "The folder /nonexistent/folder cannot be used: No such file or directory.")]
    [InlineData("/etc/hostname", "The folder /etc/hostname cannot be used: Not a directory.")]
    [InlineData("", "The folder  cannot be used: its name is empty.")]
    public async Task A_root_that_is_no_folder_is_refused(string root, string reason)
    {
        var run = await RunAsync(Patch, "--root", root);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(reason, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_must_be_named()
    {
        var run = await RunAsync(Patch);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'--root' is required", run.Error, StringComparison.Ordinal);
    }

    private static Task<Run> RunAsync(string patch, params string[] arguments) => RunAsync(Encoding.UTF8.GetBytes(patch), arguments);

    private static async Task<Run> RunAsync(byte[] patch, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "apply-patch", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(patch);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading, for its arguments were wrong.
        }

        await process.WaitForExitAsync();
        return new Run(process.ExitCode, await output, await error);
    }

    private sealed record Run(int ExitCode, string Output, string Error);
}
