using Bunit;
using CodexWeb.Attempts;
using CodexWeb.EmulatedGitHub;
using CodexWeb.GitHosts;
using CodexWeb.Repositories;
using CodexWeb.Review;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Review;

public sealed class PullRequestSheetTests : BunitContext, IAsyncLifetime
{
    private PullRequestRig _rig = null!;

    public async Task InitializeAsync()
    {
        _rig = await PullRequestRig.StartAsync([("a.txt", "old\n")], [("a.txt", "new\n")]);
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services
            .AddSingleton<TimeProvider>(_rig.Clock)
            .AddSingleton(_rig.Pulls)
            .AddSingleton(_rig.Get<PullRequestSync>())
            .AddSingleton(_rig.Get<BaseMerges>())
            .AddSingleton(_rig.Get<BranchPush>())
            .AddSingleton(_rig.Get<RepositoryCatalog>())
            .AddSingleton(_rig.Get<RepositoryHosts>())
            .AddSingleton(_rig.Get<AttemptChanges>());
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task The_sheet_proposes_opens_and_shows_where()
    {
        var sheet = await ShownAsync();
        await sheet.InvokeAsync(() => sheet.Instance.OpenAsync());
        sheet.WaitForElement("form.pull");
        Assert.Equal("Round half to even", sheet.Find("input[id$='-title']").GetAttribute("value"));
        Assert.Contains("On top of the newest main.", sheet.Markup, StringComparison.Ordinal);

        await sheet.Find("form.pull").SubmitAsync();

        sheet.WaitForAssertion(() => Assert.Equal(_rig.Shop.Page + "/pull/1", sheet.Find(".done a").GetAttribute("href")), TimeSpan.FromSeconds(20));
        Assert.Equal("Round half to even", _rig.Pull.Title);
    }

    [Fact]
    public async Task Conflicts_stand_first_and_the_agent_can_be_asked_to_resolve_them()
    {
        await _rig.Shop.CommitAsync("main", "Meanwhile", ("a.txt", "other\n"));
        _rig.Clock.Advance(TimeSpan.FromSeconds(20));
        var sheet = await ShownAsync();
        await sheet.InvokeAsync(() => sheet.Instance.OpenAsync());
        sheet.WaitForElement(".conflicts");
        Assert.Equal("a.txt", sheet.Find(".conflicts code").TextContent);

        await sheet.Find(".conflicts button").ClickAsync(new());

        sheet.WaitForAssertion(() => Assert.Contains("closeDialog", JSInterop.Invocations.Select(call => call.Identifier)), TimeSpan.FromSeconds(20));
        Assert.Equal(TurnSources.Conflicts, (await _rig.TaskAsync()).Turns[^1].Source);
    }

    [Fact]
    public async Task A_refusal_shows_githubs_words_and_the_other_ways_out()
    {
        var sheet = await ShownAsync();
        await sheet.InvokeAsync(() => sheet.Instance.OpenAsync());
        sheet.WaitForElement("form.pull");
        _rig.GitHub.Next(new Fault.Refused(403, "Resource not accessible by integration") { Path = "/repos/acme/shop/pulls" }, times: 5);

        await sheet.Find("form.pull").SubmitAsync();

        sheet.WaitForAssertion(() => Assert.Contains("Resource not accessible by integration", sheet.Find("[role=alert]").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        Assert.True(sheet.Find(".ways").HasAttribute("open"));
        Assert.Contains("git push origin codexweb/round-half", sheet.Find(".ways").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_button_says_what_comes_next()
    {
        var first = await _rig.TaskAsync();
        var button = Render<WayOut>(parameters => parameters.Add(b => b.Task, first).Add(b => b.Attempt, first.Attempts[0]).Add(b => b.Offered, true));
        button.WaitForAssertion(() => Assert.Equal("Create PR", button.Find("button.push").TextContent));

        await _rig.OpenAsync();
        await _rig.FollowUpAsync(("b.txt", "b\n"));
        await _rig.FollowUpAsync(("c.txt", "c\n"));
        var later = await _rig.TaskAsync();
        button.Render(parameters => parameters.Add(b => b.Task, later).Add(b => b.Attempt, later.Attempts[0]).Add(b => b.Offered, true));

        button.WaitForAssertion(() => Assert.Equal("Update PR #1 (2 commits)", button.Find("button.push").TextContent));
    }

    [Fact]
    public async Task A_person_s_edits_alone_are_sent_to_one_that_is_open()
    {
        await _rig.OpenAsync();
        _rig.Pull.Issue.Body = "Written at GitHub";
        await _rig.FollowUpAsync(("b.txt", "b\n"));
        var sheet = await ShownAsync();
        await sheet.InvokeAsync(() => sheet.Instance.OpenAsync());
        sheet.WaitForElement("form.pull");
        Assert.Equal("Written at GitHub", sheet.Find("textarea").GetAttribute("value"));
        _rig.GitHub.Requests.Clear();

        await sheet.Find("input[id$='-title']").ChangeAsync(new ChangeEventArgs { Value = "Another title" });
        await sheet.Find("form.pull").SubmitAsync();

        sheet.WaitForElement(".done", TimeSpan.FromSeconds(20));
        Assert.Equal(("Another title", "Written at GitHub"), (_rig.Pull.Title, _rig.Pull.Body));
        Assert.DoesNotContain("\"body\"", Assert.Single(_rig.GitHub.Requests.To("PATCH", "/repos/acme/shop/pulls/1")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_card_says_how_it_stands_and_keeps_it_green()
    {
        await _rig.OpenAsync();
        await _rig.Shop.SetCheckAsync(_rig.Pull.HeadSha, "build", "failure");
        await _rig.RefreshAsync();
        var task = await _rig.TaskAsync();
        var card = Render<PullRequestCard>(parameters => parameters.Add(c => c.Task, task).Add(c => c.Attempt, task.Attempts[0]));
        card.WaitForAssertion(() => Assert.Contains("1 failed", card.Find("summary").TextContent, StringComparison.Ordinal));

        card.WaitForAssertion(() => Assert.False(card.Find("form button").HasAttribute("disabled")), TimeSpan.FromSeconds(20));
        await card.Find("form").SubmitAsync();

        card.WaitForAssertion(() => Assert.True(_rig.RowAsync().GetAwaiter().GetResult().KeepGreen), TimeSpan.FromSeconds(20));
    }

    private async Task<IRenderedComponent<PullRequestSheet>> ShownAsync()
    {
        var task = await _rig.TaskAsync();
        return Render<PullRequestSheet>(parameters => parameters.Add(s => s.Task, task).Add(s => s.Attempt, task.Attempts[0]));
    }
}
