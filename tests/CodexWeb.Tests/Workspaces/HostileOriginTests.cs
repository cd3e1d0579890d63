using CodexWeb.Agent.Workspaces;

namespace CodexWeb.Tests.Workspaces;

/// <summary>What a folder of the server may try on the server's Git. Every vector would write the marker file if it worked.</summary>
public sealed class HostileOriginTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TestGround ground = new();

    public void Dispose() => ground.Dispose();

    public static TheoryData<string, string> Settings => new()
    {
        { "core.fsmonitor", "touch MARKER" },
        { "core.hooksPath", "HOOKS" },
        { "core.sshCommand", "touch MARKER" },
        { "core.alternateRefsCommand", "touch MARKER; true" },
        { "core.gitProxy", "touch MARKER" },
        { "core.pager", "touch MARKER" },
        { "core.editor", "touch MARKER" },
        { "credential.helper", "!touch MARKER" },
        { "gpg.program", "HOOKS/any" },
        { "diff.external", "HOOKS/any" },
        { "uploadpack.packObjectsHook", "HOOKS/any" },
        { "receive.denyCurrentBranch", "updateInstead" },
        { "receive.procReceiveRefs", "refs/tags" },
        { "filter.x.clean", "touch MARKER; cat" },
        { "filter.x.smudge", "touch MARKER; cat" },
        { "diff.x.textconv", "touch MARKER; cat" },
        { "diff.x.command", "HOOKS/any" },
        { "core.worktree", "/" },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task No_setting_of_an_origin_starts_a_program(string name, string value)
    {
        var commit = await MakeHostileAsync();
        var hooks = Path.Combine(ground.Folder, "hooks");
        var planted = value.Replace("MARKER", ground.Marker, StringComparison.Ordinal).Replace("HOOKS", hooks, StringComparison.Ordinal);
        await ground.GitAsync(ground.Origin, "config", name, planted);

        await UseEverythingAsync(commit);

        Assert.False(File.Exists(ground.Marker), $"{name} was obeyed.");
    }

    [Fact]
    public async Task No_hook_of_an_origin_runs()
    {
        var commit = await MakeHostileAsync();
        foreach (var hook in Directory.GetFiles(Path.Combine(ground.Folder, "hooks")))
        {
            File.Copy(hook, Path.Combine(ground.Origin, ".git/hooks", Path.GetFileName(hook)), overwrite: true);
        }

        await UseEverythingAsync(commit);

        Assert.False(File.Exists(ground.Marker));
    }

    [Fact]
    public async Task An_origin_with_missing_objects_does_not_make_the_server_fetch_them_elsewhere()
    {
        var commit = await MakeHostileAsync();
        await ground.ConnectAsync();
        await ground.GitAsync(ground.Origin, "config", "extensions.partialClone", "evil");
        await ground.GitAsync(ground.Origin, "config", "core.repositoryFormatVersion", "1");
        await ground.GitAsync(ground.Origin, "config", "remote.evil.url", $"ext::touch {ground.Marker}");
        await ground.GitAsync(ground.Origin, "config", "remote.evil.promisor", "true");
        await ground.GitAsync(ground.Origin, "config", "protocol.ext.allow", "always");
        var blob = await ground.GitAsync(ground.Origin, "rev-parse", $"{commit}:a.txt");
        File.Delete(Path.Combine(ground.Origin, ".git/objects", blob[..2], blob[2..]));

        await Assert.ThrowsAsync<RepositoryException>(() => ground.Mirrors.ConnectAsync(TestGround.Key + "2", ground.Origin, None));

        Assert.False(File.Exists(ground.Marker));
    }

    [Fact]
    public async Task Attributes_in_a_repository_start_nothing_when_its_files_are_checked_out_and_compared()
    {
        var commit = await MakeHostileAsync();
        await ground.ConnectAsync();
        var checkpoint = await ground.RecordAsync("attempt", commit, ("a.txt", "two\n"), (".gitattributes", "* filter=lfs diff=x merge=x text working-tree-encoding=UTF-16\n"));

        using var workspace = await ground.Store.OpenAsync(
            new WorkspaceRequest { AttemptId = "attempt", RepositoryKey = TestGround.Key, BaseBranch = "main", BaseCommit = commit, LastCheckpoint = checkpoint }, None);
        using var patch = new MemoryStream();
        await ground.Changes.WritePatchAsync(TestGround.Key, commit, checkpoint, patch, None);
        await ground.Changes.SummariseAsync(TestGround.Key, commit, checkpoint, None);

        Assert.False(File.Exists(ground.Marker));
        Assert.NotEqual(0, patch.Length);
    }

    [Theory]
    [InlineData("ext::sh -c touch% MARKER")]
    [InlineData("--upload-pack=touch MARKER")]
    [InlineData("fd::17/x")]
    [InlineData("git://127.0.0.1/x")]
    [InlineData("ssh://-oProxyCommand=touch MARKER/x")]
    [InlineData("ssh://-oProxyCommand=x@host/y")]
    [InlineData("-x@host:path")]
    [InlineData("user@-oProxyCommand=x:path")]
    [InlineData("user@host:-path")]
    [InlineData("user@ext::x")]
    [InlineData("https://user:secret@host/x")]
    [InlineData("https://token@host/x")]
    [InlineData("relative/path")]
    [InlineData("../up")]
    [InlineData("C:\\x")]
    [InlineData("file://host/path")]
    [InlineData("https:///x")]
    [InlineData("/a\nb")]
    [InlineData("")]
    public async Task Addresses_that_could_mean_more_than_a_place_are_refused(string url)
    {
        await Assert.ThrowsAsync<RepositoryException>(
            () => ground.Mirrors.ConnectAsync(TestGround.Key, url.Replace("MARKER", ground.Marker, StringComparison.Ordinal), None));

        Assert.False(File.Exists(ground.Marker));
    }

    [Theory]
    [InlineData("/srv/code/app", RepositoryUrlKind.Folder, "app")]
    [InlineData("/srv/code/../app.git/", RepositoryUrlKind.Folder, "app")]
    [InlineData("file:///srv/a%20b", RepositoryUrlKind.Folder, "a b")]
    [InlineData(" https://example.org/team/app.git ", RepositoryUrlKind.Web, "app")]
    [InlineData("http://127.0.0.1:8080/app", RepositoryUrlKind.Web, "app")]
    [InlineData("ssh://git@example.org:22/team/app.git", RepositoryUrlKind.Ssh, "app")]
    [InlineData("git@example.org:team/app.git", RepositoryUrlKind.Ssh, "app")]
    public void Usual_addresses_are_understood(string text, RepositoryUrlKind kind, string name)
    {
        var url = RepositoryUrl.Parse(text);

        Assert.Equal((kind, name), (url.Kind, url.Name));
    }

    [Fact]
    public async Task What_a_root_server_pushes_belongs_to_the_owner_of_the_origin()
    {
        if (!ground.Account.DropsFromRoot)
        {
            return;
        }

        const string owner = "54321";
        var commit = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.RunAsync(ground.Folder, "chmod", "755", ground.Folder);
        await ground.RunAsync(ground.Folder, "chown", "-R", $"{owner}:{owner}", ground.Origin);
        await ground.ConnectAsync();
        var checkpoint = await ground.RecordAsync("attempt", commit, ("a.txt", "two\n"));
        await ground.Push.PushAsync(TestGround.Key, ground.Origin, checkpoint, "codexweb/x", None);

        var owners = TestGround.Text(await ground.RunAsync(ground.Origin, "find", ".git", "-printf", "%U\\n")).Split('\n').Distinct();
        Assert.Equal([owner], owners);
    }

    private async Task<string> MakeHostileAsync()
    {
        var commit = await ground.MakeOriginAsync(("a.txt", "one\n"), (".gitattributes", "* filter=x diff=x\n"));
        var hooks = Path.Combine(ground.Folder, "hooks");
        Directory.CreateDirectory(hooks);
        string[] names =
        [
            "any", "pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive", "push-to-checkout", "pre-auto-gc", "post-index-change",
            "post-checkout", "fsmonitor-watchman", "pre-push", "post-rewrite",
        ];
        foreach (var name in names)
        {
            var path = Path.Combine(hooks, name);
            await File.WriteAllTextAsync(path, $"#!/bin/sh\ntouch {ground.Marker}\n");
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        Directory.CreateDirectory(Path.Combine(ground.Origin, ".git/hooks"));
        await ground.GitAsync(ground.Origin, "checkout", "--quiet", "-b", "codexweb/checked-out");
        return commit;
    }

    /// <summary>Every way in which the server touches an origin: list, fetch, push to a new branch and to the one checked out there; and a checkout of its own.</summary>
    private async Task UseEverythingAsync(string commit)
    {
        await ground.ConnectAsync();
        var checkpoint = await ground.RecordAsync("attempt", commit, ("a.txt", "two\n"));
        await ground.Push.PushAsync(TestGround.Key, ground.Origin, checkpoint, "codexweb/one", None);
        await Assert.ThrowsAsync<RepositoryException>(() => ground.Push.PushAsync(TestGround.Key, ground.Origin, checkpoint, "codexweb/checked-out", None));
        using var workspace = await ground.Store.OpenAsync(
            new WorkspaceRequest { AttemptId = "attempt", RepositoryKey = TestGround.Key, BaseBranch = "main", BaseCommit = commit }, None);
    }
}
