using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CodexWeb.Tests.Evaluation;

/// <summary><c>CodexWeb eval</c> as a process of its own, with a data folder and an output folder that go with the test.</summary>
internal sealed class EvalProgram : IDisposable
{
    private const UnixFileMode Passable = (UnixFileMode)0b111_101_101;

    public EvalProgram()
    {
        Folder = Directory.CreateTempSubdirectory("codexweb-eval-").FullName;
        File.SetUnixFileMode(Folder, Passable);
    }

    public string Folder { get; }

    public string Output => Path.Combine(Folder, "out");

    public string Problems => Path.Combine(Folder, "problems.jsonl");

    public IReadOnlyList<string> Samples => File.ReadAllLines(Path.Combine(Output, "samples.jsonl"));

    public JsonNode Results => JsonNode.Parse(File.ReadAllText(Path.Combine(Output, "results.json")))!;

    /// <summary>Runs it with a model to its end.</summary>
    public Task<Ended> RunAsync(SolvingModel model, params string[] arguments) => RunAsync(
        [
            "eval", "--problems", Problems, .. Unless(arguments, "--model", "own/solver"), .. Unless(arguments, "--output", Output), .. arguments,
            "--Models:Providers:0:Name=own", "--Models:Providers:0:ApiKey=key", $"--Models:Providers:0:BaseUrl={model.BaseUrl}", "--Models:Providers:0:Models:0:Id=solver",
            "--Models:Providers:0:Models:0:InputPrice=1", "--Models:Providers:0:Models:0:OutputPrice=10",
        ]);

    /// <summary>Runs the program.</summary>
    public async Task<Ended> RunAsync(IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. arguments, $"--Data:Directory={Path.Combine(Folder, "data")}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new Ended(process.ExitCode, await output, await error);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string[] Unless(string[] given, string name, string value) => given.Contains(name, StringComparer.Ordinal) ? [] : [name, value];

    internal sealed record Ended(int ExitCode, string Output, string Error);
}
