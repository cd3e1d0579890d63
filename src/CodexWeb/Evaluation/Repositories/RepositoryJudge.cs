using System.Collections.Concurrent;
using System.Text;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Evaluation.Repositories;

/// <summary>What the problem gives, got ready once for all of its samples.</summary>
/// <param name="Key">The repository, cut off at the commit.</param>
/// <param name="Base">Where the work begins.</param>
/// <param name="Tested">The base with the problem's own tests.</param>
/// <param name="Files">Which files are tests.</param>
/// <param name="Broken">The tests as they must fail, by path; empty when the problem has a command for that.</param>
internal sealed record ReadyProblem(RepositoryProblem Problem, string Key, string Base, string Tested, TestFiles Files, IReadOnlyDictionary<string, string> Broken);

/// <summary>Judges work on a repository, by a test command that has shown that it can fail.</summary>
internal sealed class RepositoryJudge(RepositoryGround ground, TestBench bench)
{
    private const string Remedy = "Name the tests in 'tests', bring them in 'test_files', or give a 'control': a command that must fail after any right work.";
    private const int LargestTestFile = 4 << 20;

    private readonly ConcurrentDictionary<string, Lazy<Task<(ReadyProblem? Ready, string? Obstacle)>>> _ready = new(StringComparer.Ordinal);

    /// <summary>Gets a problem ready.</summary>
    /// <returns>It, or why its tests prove nothing.</returns>
    /// <exception cref="RepositoryException">The repository or the commit cannot be had.</exception>
    public Task<(ReadyProblem? Ready, string? Obstacle)> PrepareAsync(RepositoryProblem problem, CancellationToken cancellationToken) =>
        _ready.GetOrAdd(problem.Id, _ => new(() => MakeReadyAsync(problem, cancellationToken))).Value;

    /// <summary>Judges the files of a commit.</summary>
    /// <param name="work">The last checkpoint of who worked on it.</param>
    public async Task<Judgement> JudgeAsync(ReadyProblem ready, string work, CancellationToken cancellationToken)
    {
        // Whatever was done to the tests is undone, by commits and outside of every sandbox.
        var files = await ground.Files.TakeAsync(ready.Key, work, ready.Tested, ready.Files.Protects, cancellationToken);
        var run = await bench.RunAsync(ready.Key, ready.Base, files, ready.Problem.Test, cancellationToken);
        if (!run.Passed)
        {
            return new Judgement(run.TimedOut ? SampleOutcome.TimedOut : SampleOutcome.Failed, run.Said);
        }

        var broken = ready.Broken.Count == 0 ? files : await ground.Files.WriteAsync(ready.Key, files, ready.Broken, cancellationToken);
        var control = await bench.RunAsync(ready.Key, ready.Base, broken, ready.Problem.Control ?? ready.Problem.Test, cancellationToken);
        return control.Passed
            ? new Judgement(SampleOutcome.Cheated, ready.Problem.Control is null
                ? $"Its tests pass even when every one of them is made to fail ({string.Join(", ", ready.Broken.Keys.Take(3))}): their verdict does not come from them."
                : "The control, which must fail after any right work, passes.")
            : new Judgement(SampleOutcome.Passed, "");
    }

    private async Task<(ReadyProblem? Ready, string? Obstacle)> MakeReadyAsync(RepositoryProblem problem, CancellationToken cancellationToken)
    {
        var (key, commit) = await ground.GetAsync(problem.Repository, problem.Commit, cancellationToken);
        var tested = problem.TestPatch is null ? commit : await ground.Files.PatchAsync(key, commit, problem.TestPatch, cancellationToken);
        tested = problem.TestFiles.Count == 0 ? tested : await ground.Files.WriteAsync(key, tested, problem.TestFiles, cancellationToken);
        var added = (await ground.Changes.SummariseAsync(key, commit, tested, cancellationToken)).Files.Select(static file => file.Path).Concat(problem.TestFiles.Keys).ToHashSet(StringComparer.Ordinal);
        var files = new TestFiles(problem, await ground.Mirrors.ListFilesAsync(key, tested, cancellationToken), added);
        var broken = problem.Control is null ? await BrokenAsync(key, tested, files, cancellationToken) : [];
        if (problem.Control is null && broken.Count == 0)
        {
            return (null, $"No test file was found that could be made to fail, so a pass would prove nothing. {Remedy}");
        }

        var before = await bench.RunAsync(key, commit, tested, problem.Test, cancellationToken);
        return before.Passed ? (null, "Its test command passes before anything is done, so a pass would prove nothing.")
            : problem.Control is null && !await MattersAsync(key, commit, tested, problem.Test, broken.Keys, before, cancellationToken) ? (null, $"Its test command does not run the tests that were found ({string.Join(", ", broken.Keys.Take(3))}). {Remedy}")
            : (new ReadyProblem(problem, key, commit, tested, files, broken), null);
    }

    /// <summary>Whether the command says something else when the tests are no programs at all. If not, it does not run them, and breaking them would show nothing.</summary>
    private async Task<bool> MattersAsync(string key, string commit, string tested, string command, IEnumerable<string> tests, TestRun before, CancellationToken cancellationToken)
    {
        var ruined = await ground.Files.WriteAsync(key, tested, tests.ToDictionary(static path => path, static _ => "this ( is not a program\n", StringComparer.Ordinal), cancellationToken);
        var after = await bench.RunAsync(key, commit, ruined, command, cancellationToken);
        return (after.ExitCode, WithoutNumbers(after.Output)) != (before.ExitCode, WithoutNumbers(before.Output));
    }

    // Times and addresses differ from run to run.
    private static string WithoutNumbers(string output) => string.Concat(output.Where(static character => !char.IsAsciiHexDigit(character)));

    private async Task<Dictionary<string, string>> BrokenAsync(string key, string tested, TestFiles files, CancellationToken cancellationToken)
    {
        var broken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in files.Tests)
        {
            var file = await ground.Mirrors.ReadFileAsync(key, tested, path, LargestTestFile, cancellationToken);
            if (file is { Kind: FileAtCommitKind.Regular, IsBinary: false } && BrokenTests.Break(path, Encoding.UTF8.GetString(file.Content.Span)) is { } text)
            {
                broken.Add(path, text);
            }
        }

        return broken;
    }
}
