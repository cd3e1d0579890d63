using System.Text;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Evaluation;
using CodexWeb.Evaluation.Repositories;
using CodexWeb.Tests.Sandboxes;
using CodexWeb.Tests.Workspaces;

namespace CodexWeb.Tests.Evaluation;

/// <summary>A repository with a failing test, and a judge of work on it with real Git and real sandboxes.</summary>
internal sealed class RepositoryRig : IDisposable
{
    public const string Wrong = "def total(prices):\n    return 0\n";
    public const string Right = "def total(prices):\n    return sum(prices)\n";
    public const string Test = "import unittest\nimport shop\n\n\nclass ShopTest(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(shop.total([1, 2]), 3)\n\n    def test_empty(self):\n        self.assertEqual(0, shop.total([]))\n\n\nif __name__ == '__main__':\n    unittest.main()\n";
    public const string Command = "python3 -m unittest -q test_shop";

    private readonly TestGround _ground = new();
    private readonly RepositoryGround _repositories;

    public RepositoryRig()
    {
        var driver = new BubblewrapDriver(_ground.Runner, _ground.Account, Path.Combine(_ground.Folder, "evaluation", "workspaces"), Path.Combine(_ground.Folder, "evaluation"));
        _repositories = new RepositoryGround(Path.Combine(_ground.Folder, "evaluation"), driver, _ground.Account, _ground.Runner, new NoCredentials(), copyOnWrite: true, TimeProvider.System);
        Judge = new RepositoryJudge(_repositories, new TestBench(_repositories, TimeSpan.FromSeconds(20), TimeProvider.System));
    }

    public RepositoryJudge Judge { get; }

    public string Origin => _ground.Origin;

    /// <summary>Makes the repository, with the right solution in a later commit.</summary>
    public async Task<RepositoryProblem> MakeAsync(string command = Command, params (string Path, string Content)[] files)
    {
        var commit = await _ground.MakeOriginAsync([("shop.py", Wrong), ("test_shop.py", Test), .. files]);
        await _ground.CommitAsync("The secret solution", ("shop.py", Right));
        return new RepositoryProblem("shop", _ground.Origin, commit, "Mend it.", command);
    }

    /// <summary>Works on the repository by a script and judges what it left.</summary>
    public async Task<Judgement> JudgeAsync(RepositoryProblem problem, string script)
    {
        var (ready, obstacle) = await Judge.PrepareAsync(problem, CancellationToken.None);
        return ready is null ? new Judgement(SampleOutcome.Unjudged, obstacle!) : await Judge.JudgeAsync(ready, (await WorkAsync(ready, script)).Commit, CancellationToken.None);
    }

    /// <summary>Judges new contents of the source file.</summary>
    public Task<Judgement> JudgeAsync(RepositoryProblem problem, params (string Path, string Content)[] files)
    {
        var script = new StringBuilder();
        foreach (var (path, content) in files)
        {
            script.Append($"mkdir -p \"$(dirname '{path}')\"; printf %s '{Convert.ToBase64String(Encoding.UTF8.GetBytes(content))}' | base64 -d > '{path}'\n");
        }

        return JudgeAsync(problem, script.ToString());
    }

    /// <summary>Runs a script in the repository as the candidate.</summary>
    public async Task<(string Commit, string Output)> WorkAsync(ReadyProblem ready, string script)
    {
        await using var place = await _repositories.EncloseAsync(ready.Key, ready.Base, start: null, CancellationToken.None);
        var ran = await place.Sandbox.RunAsync(script);
        Assert.True(ran.Exit.Code == 0, ran.Output);
        await place.Workspace.CheckpointAsync(place.Sandbox, "Work", CancellationToken.None);
        return (place.Workspace.LastCommit, ran.Output);
    }

    public void Dispose()
    {
        _repositories.Dispose();
        _ground.Dispose();
    }
}
