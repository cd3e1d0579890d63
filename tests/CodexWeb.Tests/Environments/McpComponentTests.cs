using Bunit;
using CodexWeb.Agent.Tools.Mcp;
using CodexWeb.Environments;
using CodexWeb.Tests.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Environments;

/// <summary>The parts of an environment's page.</summary>
public sealed class McpComponentTests : BunitContext, IClassFixture<TaskApp>
{
    private readonly TaskApp _app;

    public McpComponentTests(TaskApp app)
    {
        _app = app;
        Services.AddSingleton(app.Services.GetRequiredService<EnvironmentCatalog>()).AddSingleton(app.Services.GetRequiredService<McpServerCatalog>()).AddSingleton(app.Services.GetRequiredService<McpTrials>());
    }

    [Fact]
    public async Task A_server_is_added_changed_switched_off_and_removed()
    {
        var list = await ShowAsync("by hand");
        Assert.Contains("No MCP server yet.", list.Markup, StringComparison.Ordinal);

        Button(list, "Add a server").Click();
        list.Find("#mcp-new-command").Change("perl");
        await list.Find("form").SubmitAsync();
        Assert.Contains("A name has 1 to 40 letters", list.Find(".field-error").TextContent, StringComparison.Ordinal);

        list.Find("#mcp-new-name").Change("shelves");
        await list.Find("form").SubmitAsync();
        list.WaitForAssertion(() => Assert.Equal("perl", list.Find("li .mono").TextContent));

        list.Find("li input[type=checkbox]").Change(false);
        list.WaitForAssertion(() => Assert.Contains("off", list.Find("li").TextContent, StringComparison.Ordinal));

        list.Find("[aria-label='Edit shelves']").Click();
        list.Find("#mcp-shelves-name").Change("books");
        await list.Find("form").SubmitAsync();
        list.WaitForAssertion(() => Assert.Equal("books", list.Find("li b").TextContent));

        list.Find("[aria-label='Remove books']").Click();
        Button(list, "Remove").Click();
        list.WaitForAssertion(() => Assert.Contains("No MCP server yet.", list.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stored_header_is_named_and_its_value_not_shown()
    {
        var list = await ShowAsync("headers by hand", new McpServerChange { Name = "remote", Url = "https://mcp.example.com/", Headers = new Dictionary<string, string?> { ["X-Key"] = "tok_0815" } });

        list.Find("[aria-label='Edit remote']").Click();

        Assert.Equal("X-Key", list.Find("[aria-label='Name of the header']").GetAttribute("value"));
        var value = list.Find("input[type=password]");
        Assert.Equal(("stored; leave empty to keep it", ""), (value.GetAttribute("placeholder"), value.GetAttribute("value") ?? ""));
        Assert.DoesNotContain("tok_0815", list.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_shows_the_tools_and_lets_a_person_choose()
    {
        IReadOnlyList<string>? chosen = null;
        var result = new McpProbeResult(new McpListing([new McpToolListing("echo", "<b>Says</b> it.", "{}"), new McpToolListing("write", "", "{}")], ["`odd` is left out."]), TimeSpan.FromSeconds(2));
        var view = Render<McpTrialView>(p => p.Add(v => v.Result, result).Add(v => v.Chosen, []).Add(v => v.OnChoose, tools => chosen = tools));

        Assert.Contains("2 tools after 2.0 s", view.Markup, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;Says", view.Markup, StringComparison.Ordinal);
        Assert.Contains("`odd` is left out.", view.Markup, StringComparison.Ordinal);
        view.FindAll("input[type=checkbox]")[1].Change(false);
        view.Find("button").Click();

        Assert.Equal(["echo"], chosen);
    }

    [Fact]
    public void A_test_that_failed_says_why_and_what_was_written()
    {
        var view = Render<McpTrialView>(p => p.Add(v => v.Result, new McpProbeResult(new McpListing([], []), TimeSpan.Zero, "It ended with exit code 3.", "no such database")).Add(v => v.Chosen, []));

        Assert.Contains("It ended with exit code 3.", view.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Contains("no such database", view.Markup, StringComparison.Ordinal);
    }

    private async Task<IRenderedComponent<McpServerList>> ShowAsync(string name, McpServerChange? server = null)
    {
        var catalog = _app.Services.GetRequiredService<EnvironmentCatalog>();
        var made = await catalog.CreateAsync(_app.Repository, new EnvironmentChange(name, "", new Dictionary<string, string>(), [], ReviewSettings.Usual, server is null ? null : [server]), CancellationToken.None);
        var row = Assert.IsType<CommandResult<EnvironmentRow>.Done>(made).Value;
        IRenderedComponent<McpServerList>? list = null;
        list = Render<McpServerList>(p => p.Add(l => l.Environment, row).Add(l => l.Saved, changed => list!.Render(again => again.Add(l => l.Environment, changed))));
        return list;
    }

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<McpServerList> list, string text) => list.FindAll("button").Single(button => button.TextContent.Trim() == text);
}
