using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CodexWeb.Browser.Tests;

/// <summary>A person sets an environment up: script, checks, an MCP server with its test.</summary>
public sealed class EnvironmentTests(AppUnderTest app) : IClassFixture<AppUnderTest>
{
    // An MCP server that the set-up script writes, as another one would install it.
    private const string SetUp = """
        cat > shelf.pl <<'END'
        use JSON::PP; $| = 1;
        while (<STDIN>) {
            my $m = decode_json($_); next unless defined $m->{id};
            my %answers = (
                initialize => { protocolVersion => '2025-06-18', capabilities => { tools => {} }, serverInfo => { name => 'shelf', version => '1' } },
                'tools/list' => { tools => [{ name => 'find_book', description => 'Finds a <b>book</b>.', inputSchema => { type => 'object' } }] },
            );
            my $answer = $answers{ $m->{method} };
            print encode_json({ jsonrpc => '2.0', id => $m->{id}, $answer ? (result => $answer) : (error => { code => -32601, message => 'no' }) }), "\n";
        }
        END
        """;

    [Fact]
    public async Task An_environment_is_set_up_and_its_server_tried()
    {
        using var client = new ApiClient(app.Address);
        await client.SampleAsync();
        await using var context = await app.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(app.Address, "/environments").ToString());
        await page.Locator("main[data-interactive]").WaitForAsync();

        await page.Locator("main a.row").First.ClickAsync();
        await page.GetByLabel("Set-up script").FillAsync(SetUp);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a check" }).ClickAsync();
        await page.GetByLabel("check 1", new() { Exact = true }).FillAsync("prove -l t");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Saved. Turns that begin from now on work by it.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Add a server" }).ClickAsync();
        // Until the form is there, the last name on the page is the environment's own.
        await page.GetByLabel("Program", new() { Exact = true }).FillAsync("perl");
        await page.GetByLabel("Name", new() { Exact = true }).Last.FillAsync("books");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add an argument" }).ClickAsync();
        await page.GetByLabel("argument 1", new() { Exact = true }).FillAsync("shelf.pl");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the server" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test books" }).ClickAsync();

        await Expect(page.GetByText("It works: 1 tool")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Expect(page.GetByText("Finds a <b>book</b>.")).ToBeVisibleAsync();
        var result = await page.Locator("main").RunAxe();
        Assert.Empty(result.Violations.Select(static violation => $"{violation.Id}: {violation.Help} {violation.Nodes.First().Html}"));

        await page.SetViewportSizeAsync(400, 800);
        Assert.True(await page.EvaluateAsync<bool>("() => document.querySelector('.page').scrollWidth <= document.querySelector('.page').clientWidth"));
        await page.ReloadAsync();
        await Expect(page.GetByLabel("check 1", new() { Exact = true })).ToHaveValueAsync("prove -l t");
    }
}
