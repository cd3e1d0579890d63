using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

/// <summary>The same walls when the server is an ordinary user: the tests of this folder once more, in a test host that is one.</summary>
public sealed class OrdinaryUserTests
{
    [RootFact]
    public async Task All_of_it_holds_for_a_server_that_is_not_root()
    {
        using var folder = new TemporaryFolder();
        var user = new HostAccount(12345, 12345, DropsFromRoot: true);
        user.Own(folder.Path);
        var runner = new ProcessRunner();
        await runner.RunAsync(
            new ProcessCommand { FileName = "cp", Arguments = ["-r", "--", AppContext.BaseDirectory, folder.File("tests")], Timeout = TimeSpan.FromMinutes(2) },
            CancellationToken.None);

        var result = await runner.RunAsync(
            new ProcessCommand
            {
                FileName = Environment.ProcessPath!,
                Arguments =
                [
                    "vstest",
                    folder.File("tests/CodexWeb.Tests.dll"),
                    "--TestCaseFilter:FullyQualifiedName~CodexWeb.Tests.Sandboxes.Sandbox",
                    "--logger:console;verbosity=normal",
                ],
                WorkingDirectory = folder.Path,
                Environment = new Dictionary<string, string>
                {
                    ["PATH"] = HostPrograms.SearchPath,
                    ["HOME"] = folder.Path,
                    ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                    ["DOTNET_NOLOGO"] = "1",
                },
                Account = user,
                Timeout = TimeSpan.FromMinutes(5),
            },
            CancellationToken.None);

        var output = Encoding.UTF8.GetString(result.Output.Span);
        Assert.True(result.ExitCode == 0, output + result.Error);
        Assert.Contains("SandboxWallTests.No_kernel_setting_can_be_opened_for_writing", output, StringComparison.Ordinal);
    }
}

/// <summary>A test that only root can start, with a .NET that others may run.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    private const UnixFileMode Reachable = UnixFileMode.OtherExecute;

    public RootFactAttribute()
    {
        if (!HostAccount.Detect().DropsFromRoot)
        {
            Skip = "The test host is an ordinary user already.";
        }
        else if (Path.GetFileName(Environment.ProcessPath) != "dotnet" || !IsReachable(Environment.ProcessPath!))
        {
            Skip = "An ordinary user could not run this .NET.";
        }
    }

    private static bool IsReachable(string path)
    {
        for (var folder = new FileInfo(path).Directory; folder is not null; folder = folder.Parent)
        {
            if (!folder.UnixFileMode.HasFlag(Reachable))
            {
                return false;
            }
        }

        return true;
    }
}
