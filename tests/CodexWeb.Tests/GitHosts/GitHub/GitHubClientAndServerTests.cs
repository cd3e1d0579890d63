using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CodexWeb.EmulatedGitHub;
using CodexWeb.GitHosts.GitHub;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>The client against a whole GitHub: what one writes, the other reads.</summary>
public sealed class GitHubClientAndServerTests : IAsyncLifetime
{
    private const string Callback = "http://127.0.0.1:5000/github/callback";

    private readonly GitHubRepositoryName _name = new("acme", "shop");
    private GitHubServer _server = null!;
    private ServiceProvider _services = null!;
    private HostedAccount _ana = null!;
    private HostedAccount _bob = null!;
    private HostedRepository _shop = null!;
    private GitHubToken _token;

    public async Task InitializeAsync()
    {
        _server = await GitHubServer.StartAsync();
        _ana = _server.AddUser("ana");
        _bob = _server.AddUser("bob");
        _server.AddOrganisation("acme", _ana, _bob);
        _shop = await _server.AddRepositoryAsync("acme/shop", [("list.txt", "one\ntwo\nthree\n"), ("docs/a b.md", "# A\n")]);
        _shop.Allow(_ana, RepositoryRole.Maintain);
        _shop.Allow(_bob, RepositoryRole.Triage);
        _token = new GitHubToken(_server.AddToken(_ana));
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["GitHub:BaseUrl"] = _server.Web.AbsoluteUri, ["GitHub:ApiUrl"] = _server.Api.AbsoluteUri }).Build())
            .AddSingleton(TimeProvider.System)
            .AddLogging(static logging => logging.ClearProviders())
            .AddGitHubClient()
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task People_repositories_branches_and_files_are_read()
    {
        await _shop.CommitAsync("feature/a-b", "Work", ("list.txt", "one\n2\nthree\n"));
        var repositories = Get<GitHubRepositories>();

        var (user, scopes) = await Get<GitHubUsers>().CurrentAsync(_token, default);
        Assert.Equal(("ana", true), (user.Login, scopes!.Contains("repo")));
        Assert.Equal("acme", Assert.Single(await Get<GitHubUsers>().OrganisationsAsync(_token, default)).Login);
        var repository = await repositories.GetAsync(_token, _name, default);
        Assert.Equal((_shop.Id, _shop.CloneUrl.AbsoluteUri, true, true), (repository.Id, repository.CloneUrl, repository.Private, repository.CanPush));
        Assert.Equal(["feature/a-b", "main"], (await repositories.BranchesAsync(_token, _name, default)).Select(static branch => branch.Name));
        Assert.Equal(GitHubPermission.Triage, await repositories.PermissionAsync(_token, _name, "bob", default));
        Assert.Equal(_name, Assert.Single(await repositories.SearchAsync(_token, "sho", 10, default)).FullName);
        var compared = await repositories.CompareAsync(_token, _name, "main", "feature/a-b", default);
        Assert.Equal((1, 0, await _shop.HeadAsync("main")), (compared.AheadBy, compared.BehindBy, compared.MergeBaseSha));
        Assert.Equal("# A\n", await repositories.FileAsync(_token, _name, "docs/a b.md", "feature/a-b", default));
        Assert.Null(await repositories.FileAsync(_token, _name, "docs/none.md", "main", default));
        Assert.Equal("Work", (await repositories.CommitsAsync(_token, _name, "feature/a-b", DateTimeOffset.UnixEpoch, default))[0].Message);
    }

    [Fact]
    public async Task Hundreds_of_repositories_are_listed_page_by_page()
    {
        for (var number = 0; number < 205; number++)
        {
            (await _server.AddRepositoryAsync($"acme/part-{number}")).Allow(_ana, RepositoryRole.Read);
        }

        var names = new List<string>();
        await foreach (var repository in Get<GitHubRepositories>().ListAsync(_token, default))
        {
            names.Add(repository.FullName.ToString());
        }

        Assert.Equal(206, names.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_pull_request_is_opened_changed_reviewed_and_found_merged()
    {
        var head = await _shop.CommitAsync("codexweb/work", "Work", ("list.txt", "one\n2\nthree\n"));
        var pulls = Get<GitHubPulls>();

        var opened = await pulls.OpenAsync(_token, _name, new NewPull("Work", "Text", "codexweb/work", "main", Draft: true), default);
        await pulls.MarkReadyAsync(_token, opened.NodeId, default);
        await pulls.RequestReviewersAsync(_token, _name, opened.Number, ["bob"], [], default);
        await Get<GitHubIssues>().AddLabelsAsync(_token, _name, opened.Number, ["bug"], default);
        await pulls.ChangeAsync(_token, _name, opened.Number, new PullChange(Title: "Better"), default);
        var review = await pulls.CreateReviewAsync(_token, _name, opened.Number, head, GitHubReviewEvent.Comment, "Look.", [new NewReviewComment("list.txt", 2, "RIGHT", "Why 2?")], default);
        var comment = Assert.Single(await pulls.ReviewCommentsAsync(_token, _name, opened.Number, since: null, default));
        await pulls.ReplyAsync(_token, _name, opened.Number, comment.Id, "Because.", default);
        var thread = Assert.Single(await pulls.ThreadsAsync(_token, _name, opened.Number, default));
        await pulls.ResolveThreadAsync(_token, thread.Id, default);

        var pull = Assert.IsType<GitHubPull>(await pulls.FindAsync(_token, _name, "acme", "codexweb/work", default));
        Assert.Equal(("Better", false, head, GitHubPullState.Open), (pull.Title, pull.Draft, pull.HeadSha, pull.State));
        Assert.Equal(["bug"], pull.Labels);
        Assert.Equal(["bob"], pull.RequestedReviewers);
        Assert.Equal((true, "clean"), ((await pulls.GetAsync(_token, _name, pull.Number, default)).Mergeable, (await pulls.GetAsync(_token, _name, pull.Number, default)).MergeableState));
        Assert.Equal(comment.Id, thread.FirstCommentId);
        Assert.True(Assert.Single(await pulls.ThreadsAsync(_token, _name, pull.Number, default)).IsResolved);
        Assert.Contains(await pulls.ReviewsAsync(_token, _name, pull.Number, default), known => known.Id == review.Id);
        Assert.Equal("list.txt", Assert.Single(await pulls.FilesAsync(_token, _name, pull.Number, default)).Name);

        var merge = await _shop.Pull(pull.Number).MergeAsync();
        var merged = await pulls.GetAsync(_token, _name, pull.Number, default);
        Assert.Equal((true, merge, GitHubPullState.Closed), (merged.Merged, merged.MergeCommit, merged.State));
    }

    [Fact]
    public async Task A_review_that_GitHub_refuses_says_why()
    {
        var head = await _shop.CommitAsync("work", "Work", ("list.txt", "one\n2\nthree\n"));
        var pull = await _shop.OpenPullAsync(_bob, "Work", "work");

        var refused = await Assert.ThrowsAsync<GitHubException>(() => Get<GitHubPulls>().CreateReviewAsync(_token, _name, pull.Number, head, GitHubReviewEvent.Comment, "Look.", [new NewReviewComment("list.txt", 99, "RIGHT", "Where?")], default));

        Assert.Equal(GitHubFailure.Invalid, refused.Failure);
        Assert.Contains("Line could not be resolved", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checks_statuses_comments_and_reactions_are_read_and_written()
    {
        var head = (await _shop.HeadAsync("main"))!;
        var issue = await _shop.OpenIssueAsync(_bob, "Broken", "It is.", "bug");
        var run = await _shop.SetCheckAsync(head, "build", "failure", "Failed", "Two errors", new CheckAnnotation("list.txt", 2, 2, "failure", "No"));
        await _shop.SetStatusAsync(head, "lint", "success");
        var issues = Get<GitHubIssues>();

        var check = Assert.Single(await Get<GitHubChecks>().RunsAsync(_token, _name, head, default));
        Assert.Equal((run.Id, "failure", "Failed"), (check.Id, check.Conclusion, check.Title));
        Assert.Equal("list.txt", Assert.Single(await Get<GitHubChecks>().AnnotationsAsync(_token, _name, check.Id, default)).Path);
        Assert.Equal("success", Assert.Single(await Get<GitHubChecks>().StatusAsync(_token, _name, head, default)).State);
        var comment = await issues.CommentAsync(_token, _name, issue.Number, "Seen.", default);
        await issues.EditCommentAsync(_token, _name, comment.Id, "Seen and done.", default);
        await issues.ReactToCommentAsync(_token, _name, comment.Id, GitHubReaction.Eyes, default);
        await issues.ReactToIssueAsync(_token, _name, issue.Number, GitHubReaction.Rocket, default);

        Assert.Equal("Seen and done.", Assert.Single(await issues.CommentsAsync(_token, _name, issue.Number, since: null, default)).Body);
        Assert.Equal([(_ana, "eyes")], issue.Comments[0].Reactions.All);
        Assert.Equal([(_ana, "rocket")], issue.Reactions.All);
        Assert.Equal(["bug"], (await issues.LabelsAsync(_token, _name, default)).Select(static label => label.Name));
        Assert.Equal(["ana", "bob"], (await issues.AssigneesAsync(_token, _name, default)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_app_reaches_what_it_is_installed_on_and_no_more()
    {
        var app = _server.Apps.Add("CodexWeb", _ana);
        var installation = await app.InstallAsync(_shop.Owner, _shop);
        await _server.AddRepositoryAsync("acme/other");
        var apps = Get<GitHubApps>();
        var jwt = apps.CreateJwt(new GitHubAppKey(app.Id, app.Pem));

        Assert.Equal(installation.Id, (await apps.FindInstallationAsync(jwt, _name, default))!.Id);
        Assert.Null(await apps.FindInstallationAsync(jwt, new GitHubRepositoryName("acme", "other"), default));
        var token = await apps.CreateTokenAsync(jwt, installation.Id, [_shop.Id], default);
        var names = new List<string>();
        await foreach (var repository in Get<GitHubRepositories>().ListForInstallationAsync(token.Token, default))
        {
            names.Add(repository.FullName.ToString());
        }

        Assert.Equal(["acme/shop"], names);
        await installation.SuspendAsync(suspended: true);
        var refused = await Assert.ThrowsAsync<GitHubException>(() => Get<GitHubRepositories>().GetAsync(token.Token, _name, default));
        Assert.Equal(GitHubFailure.Unauthorized, refused.Failure);
    }

    [Fact]
    public async Task A_persons_agreement_is_exchanged_renewed_and_taken_back()
    {
        var app = _server.Apps.Add("CodexWeb", _ana);
        var client = new GitHubOAuthClient(app.ClientId, app.ClientSecret);
        var registered = _server.OAuth.Add(Callback);
        const string Verifier = "0123456789012345678901234567890123456789012";
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var agreed = await browser.GetAsync(new Uri(_server.Web, $"/login/oauth/authorize?client_id={registered.Id}&redirect_uri={Uri.EscapeDataString(Callback)}&scope=repo&code_challenge={challenge}&code_challenge_method=S256"));
        var code = QueryHelpers.ParseQuery(agreed.Headers.Location!.Query)["code"].ToString();
        var oauth = Get<GitHubOAuth>();

        var token = await oauth.ExchangeAsync(new GitHubOAuthClient(registered.Id, registered.Secret), code, new Uri(Callback), Verifier, default);
        Assert.Equal("ana", (await Get<GitHubUsers>().CurrentAsync(token.Token, default)).User.Login);
        await oauth.RevokeAsync(new GitHubOAuthClient(registered.Id, registered.Secret), token.Token, default);
        var refused = await Assert.ThrowsAsync<GitHubException>(() => Get<GitHubUsers>().CurrentAsync(token.Token, default));
        Assert.Equal(GitHubFailure.Unauthorized, refused.Failure);
        await Assert.ThrowsAsync<GitHubException>(() => oauth.RefreshAsync(client, new GitHubToken("ghr_none"), default));
    }

    [Fact]
    public async Task A_renamed_repository_is_found_under_its_old_name()
    {
        await _server.RenameAsync(_shop, "acme/store");

        var repository = await Get<GitHubRepositories>().GetAsync(_token, _name, default);

        Assert.Equal("acme/store", repository.FullName.ToString());
        Assert.Equal("main", Assert.Single(await Get<GitHubRepositories>().BranchesAsync(_token, _name, default)).Name);
    }

    private T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();
}
