using System.Text;
using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

public sealed class RepositoryMirrorsTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TestGround ground = new();

    public void Dispose() => ground.Dispose();

    [Fact]
    public async Task A_connected_folder_tells_its_name_and_default_branch()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.GitAsync(ground.Origin, "branch", "other");

        Assert.Equal(new RepositoryDescription("origin", "main"), await ground.ConnectAsync());
    }

    [Fact]
    public async Task Branches_come_newest_first_and_can_be_searched()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.GitAsync(ground.Origin, "branch", "release/1.0");
        await ground.RunAsync(ground.Origin, "sh", "-c", "GIT_COMMITTER_DATE='@4000000000 +0000' git commit -q --allow-empty -m 'Later: on'");
        await ground.ConnectAsync();

        var all = await ground.Mirrors.BranchesAsync(TestGround.Key, null, 10, None);
        Assert.Equal(["main", "release/1.0"], all.Select(branch => branch.Name));
        Assert.Equal("Later: on", all[0].Subject);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(4_000_000_000), all[0].CommittedAt);
        Assert.Equal(["release/1.0"], (await ground.Mirrors.BranchesAsync(TestGround.Key, "LEASE", 10, None)).Select(branch => branch.Name));
        Assert.Single(await ground.Mirrors.BranchesAsync(TestGround.Key, null, 1, None));
    }

    [Fact]
    public async Task A_fetch_brings_new_commits_and_drops_branches_that_are_gone()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.GitAsync(ground.Origin, "branch", "gone");
        var clock = new SteppingClock();
        var mirrors = new RepositoryMirrors(ground.Paths, ground.Git, ground.Origins, ground.Account, clock);
        await mirrors.ConnectAsync(TestGround.Key, ground.Origin, None);
        var commit = await ground.CommitAsync("Second", ("a.txt", "two\n"));
        await ground.GitAsync(ground.Origin, "branch", "-D", "gone");

        await mirrors.FetchAsync(TestGround.Key, ground.Origin, None);
        Assert.NotEqual(commit, await mirrors.ResolveAsync(TestGround.Key, "main", None));

        clock.Step(TimeSpan.FromSeconds(6));
        await mirrors.FetchAsync(TestGround.Key, ground.Origin, None);
        Assert.Equal(commit, await mirrors.ResolveAsync(TestGround.Key, "main", None));
        await Assert.ThrowsAsync<RepositoryException>(() => mirrors.ResolveAsync(TestGround.Key, "gone", None));
    }

    [Fact]
    public async Task A_pull_requests_commits_are_fetched_from_beside_the_branches_and_stay()
    {
        var @base = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.GitAsync(ground.Origin, "checkout", "--quiet", "--detach");
        var head = await ground.CommitAsync("Of a fork", ("a.txt", "two\n"));
        await ground.GitAsync(ground.Origin, "update-ref", "refs/pull/7/head", head);
        await ground.GitAsync(ground.Origin, "checkout", "--quiet", "main");
        var later = await ground.CommitAsync("Meanwhile", ("b.txt", "b\n"));
        var clock = new SteppingClock();
        var mirrors = new RepositoryMirrors(ground.Paths, ground.Git, ground.Origins, ground.Account, clock);
        await mirrors.ConnectAsync(TestGround.Key, ground.Origin, None);

        Assert.Equal(head, await mirrors.FetchPullAsync(TestGround.Key, ground.Origin, 7, None));

        Assert.Equal(@base, await ground.Mirrors.MergeBaseAsync(TestGround.Key, later, head, None));
        clock.Step(TimeSpan.FromMinutes(1));
        await mirrors.FetchAsync(TestGround.Key, ground.Origin, None);
        Assert.Equal("two\n", Encoding.UTF8.GetString((await ground.Mirrors.ReadFileAsync(TestGround.Key, head, "a.txt", 100, None)).Content.Span));
        var missing = await Assert.ThrowsAsync<RepositoryException>(() => mirrors.FetchPullAsync(TestGround.Key, ground.Origin, 8, None));
        Assert.Contains("does not have that branch or pull request", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Histories_with_nothing_in_common_have_no_merge_base()
    {
        var one = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.GitAsync(ground.Origin, "checkout", "--quiet", "--orphan", "other");
        var other = await ground.CommitAsync("Alone", ("b.txt", "b\n"));
        await ground.ConnectAsync();

        Assert.Null(await ground.Mirrors.MergeBaseAsync(TestGround.Key, one, other, None));
    }

    [Fact]
    public async Task A_missing_branch_names_similar_ones()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.GitAsync(ground.Origin, "branch", "feature/login");
        await ground.ConnectAsync();

        var failure = await Assert.ThrowsAsync<RepositoryException>(() => ground.Mirrors.ResolveAsync(TestGround.Key, "feature/logn", None));
        Assert.Equal("There is no branch 'feature/logn'. Similar: 'feature/login'.", failure.Message);
    }

    [Theory]
    [InlineData("--upload-pack=touch x")]
    [InlineData("-c")]
    [InlineData("a..b")]
    [InlineData("main@{1}")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("")]
    public async Task What_cannot_be_a_branch_is_refused_before_Git_sees_it(string branch)
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();

        var failure = await Assert.ThrowsAsync<RepositoryException>(() => ground.Mirrors.ResolveAsync(TestGround.Key, branch, None));
        Assert.Contains("cannot be the name of a branch", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_folder_and_a_file_and_a_folder_without_Git_are_told_apart()
    {
        Directory.CreateDirectory(ground.Origin);
        await File.WriteAllTextAsync(Path.Combine(ground.Origin, "file"), "");

        Assert.StartsWith("There is no folder", await FailureAsync(ground.Origin + "/none"), StringComparison.Ordinal);
        Assert.Contains("is a file", await FailureAsync(ground.Origin + "/file"), StringComparison.Ordinal);
        Assert.Contains("is not a Git repository. Run 'git init'", await FailureAsync(ground.Origin), StringComparison.Ordinal);
        Assert.False(Directory.Exists(ground.Paths.RepositoryFolder(TestGround.Key)));
    }

    [Fact]
    public async Task A_folder_inside_a_repository_names_the_repository()
    {
        await ground.MakeOriginAsync(("inner/a.txt", "one\n"));

        Assert.Contains($"inside the Git repository {ground.Origin}", await FailureAsync(ground.Origin + "/inner"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_repository_asks_for_a_commit()
    {
        Directory.CreateDirectory(ground.Origin);
        await ground.GitAsync(ground.Origin, "init", "--quiet");

        Assert.Contains("Commit something first", await FailureAsync(ground.Origin), StringComparison.Ordinal);
        Assert.False(Directory.Exists(ground.Paths.RepositoryFolder(TestGround.Key)));
    }

    [Fact]
    public async Task The_servers_own_folders_are_no_repositories()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();

        Assert.Contains("belongs to the server itself", await FailureAsync(ground.Paths.CheckpointsOf(TestGround.Key)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_answer_is_said_to()
        => Assert.Contains("does not answer", await FailureAsync("http://127.0.0.1:9/x.git"), StringComparison.Ordinal);

    [Fact]
    public async Task An_origin_that_is_gone_leaves_the_mirror_as_it_was()
    {
        var commit = await ground.MakeOriginAsync(("a.txt", "one\n"));
        var clock = new SteppingClock();
        var mirrors = new RepositoryMirrors(ground.Paths, ground.Git, ground.Origins, ground.Account, clock);
        await mirrors.ConnectAsync(TestGround.Key, ground.Origin, None);
        Directory.Delete(ground.Origin, recursive: true);
        clock.Step(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<RepositoryException>(() => mirrors.FetchAsync(TestGround.Key, ground.Origin, None));
        Assert.Equal(commit, await mirrors.ResolveAsync(TestGround.Key, "main", None));
    }

    [Fact]
    public async Task Files_are_read_at_a_commit_without_following_links()
    {
        await ground.MakeOriginAsync(("src/a.txt", "one\n"), ("-odd name", "odd\n"), ("bin", "a\0b"));
        File.CreateSymbolicLink(Path.Combine(ground.Origin, "link"), "/etc/passwd");
        var commit = await ground.CommitAsync("Link");
        await ground.ConnectAsync();

        Assert.Equal("one\n", Content(await ReadAsync(commit, "src/a.txt")));
        Assert.Equal("odd\n", Content(await ReadAsync(commit, "-odd name")));
        Assert.True((await ReadAsync(commit, "bin")).IsBinary);
        var link = await ReadAsync(commit, "link");
        Assert.Equal((FileAtCommitKind.Link, "/etc/passwd"), (link.Kind, Content(link)));
        Assert.Equal(FileAtCommitKind.Directory, (await ReadAsync(commit, "src")).Kind);
        Assert.Equal(FileAtCommitKind.Missing, (await ReadAsync(commit, "../data")).Kind);
        Assert.Equal(FileAtCommitKind.Missing, (await ReadAsync(commit, "src/*")).Kind);
        Assert.Equal(FileAtCommitKind.TooLarge, (await ground.Mirrors.ReadFileAsync(TestGround.Key, commit, "src/a.txt", 3, None)).Kind);
        Assert.Equal(["-odd name", "bin", "link", "src/a.txt"], await ground.Mirrors.ListFilesAsync(TestGround.Key, commit, None));
    }

    [Fact]
    public async Task A_commit_is_named_by_its_hash_only()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.ConnectAsync();

        await Assert.ThrowsAsync<RepositoryException>(() => ReadAsync("--output=/tmp/x", "a.txt"));
    }

    private Task<FileAtCommit> ReadAsync(string commit, string path) => ground.Mirrors.ReadFileAsync(TestGround.Key, commit, path, 1000, None);

    private static string Content(FileAtCommit file) => Encoding.UTF8.GetString(file.Content.Span);

    private async Task<string> FailureAsync(string url)
        => (await Assert.ThrowsAsync<RepositoryException>(() => ground.Mirrors.ConnectAsync(TestGround.Key + "2", url, None))).Message;

    private sealed class SteppingClock : TimeProvider
    {
        private DateTimeOffset now = DateTimeOffset.UnixEpoch.AddYears(60);

        public override DateTimeOffset GetUtcNow() => now;

        public void Step(TimeSpan by) => now += by;
    }
}
