using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Tests.Tasks;
using CodexWeb.Tests.Tools.Mcp;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Environments;

/// <summary>MCP servers of an environment, over HTTP and in the database, with a real sandbox behind them.</summary>
public sealed class McpEnvironmentTests(TaskApp app) : IClassFixture<TaskApp>
{
    private const string Secret = "tok_0815_shelves";

    private static readonly string[] Nothing = ["none"];

    private static readonly string SetUp = $"cat > {PerlMcpServer.FileName} <<'END_OF_SERVER'\n{PerlMcpServer.Script}\nEND_OF_SERVER\n";

    [Fact]
    public async Task Values_of_headers_are_encrypted_kept_and_never_given_out()
    {
        var id = await CreateAsync("headers");
        var remote = new { name = "remote", url = "https://mcp.example.com/mcp", headers = new Dictionary<string, string?> { ["Authorization"] = $"Bearer {Secret}" } };

        var saved = await PutAsync(id, new { name = "headers", mcpServers = new[] { remote } });

        Assert.Equal("""{"Authorization":null}""", saved["mcpServers"]![0]!["headers"]!.ToJsonString());
        Assert.DoesNotContain(Secret, (await StoredAsync(id)).EncryptedHeaders["Authorization"], StringComparison.Ordinal);

        var again = await PutAsync(id, saved);

        Assert.Equal(saved.ToJsonString(), again.ToJsonString());
        Assert.Equal($"Bearer {Secret}", app.Services.GetRequiredService<McpServerSpecs>().Of(await StoredAsync(id)).Headers["Authorization"]);
    }

    [Fact]
    public async Task A_stored_value_does_not_go_along_to_another_address()
    {
        var id = await CreateAsync("moved");
        var saved = await PutAsync(id, new { name = "moved", mcpServers = new[] { new { name = "remote", url = "https://mcp.example.com/mcp", headers = new Dictionary<string, string?> { ["X-Key"] = Secret } } } });
        saved["mcpServers"]![0]!["url"] = "https://mcp.example.org/mcp";

        var (status, errors) = await RefusedAsync(id, saved);

        Assert.Equal((HttpStatusCode.BadRequest, "remote: The address has changed, so the values of its headers have to be entered again."), (status, errors));
        saved["mcpServers"]![0]!["url"] = "https://mcp.example.com/other";
        Assert.Equal("https://mcp.example.com/other", (string)(await PutAsync(id, saved))["mcpServers"]![0]!["url"]!);
    }

    [Theory]
    [InlineData("""{"name":"a b","command":"x"}""", "A name has 1 to 40 letters")]
    [InlineData("""{"name":"a"}""", "A server has either a program")]
    [InlineData("""{"name":"a","command":"x","url":"https://a.example"}""", "A server has either a program")]
    [InlineData("""{"name":"a","url":"file:///etc/passwd"}""", "An address begins with https://")]
    [InlineData("""{"name":"a","url":"https://user:word@a.example"}""", "An address begins with https://")]
    [InlineData("""{"name":"a","url":"http://a.example"}""", "Without TLS only hosts are spoken to")]
    [InlineData("""{"name":"a","url":"https://a.example","headers":{"Host":"b.example"}}""", "At most 20 headers")]
    [InlineData("""{"name":"a","url":"https://a.example","headers":{"X":"a\r\nY: b"}}""", "At most 20 headers")]
    [InlineData("""{"name":"a","url":"https://a.example","headers":{"X":"a","x":"b"}}""", "At most 20 headers")]
    [InlineData("""{"name":"a","url":"https://a.example","headers":{"X":null}}""", "The header X has no value yet")]
    [InlineData("""{"name":"a","command":"x","headers":{"X":"1"}}""", "Headers are for a server with an address")]
    [InlineData("""{"name":"a","command":"x","variables":{"1A":"1"}}""", "At most 50 variables")]
    [InlineData("""{"name":"a","command":"x","arguments":["a\u0000b"]}""", "At most 50 arguments")]
    [InlineData("""{"name":"a","command":"x","startSeconds":0}""", "It may take 1 to 300 seconds to start")]
    [InlineData("""{"name":"a","command":"x","callSeconds":4000}""", "A call may take 1 to 3,600 seconds")]
    [InlineData("""{"name":"a","command":"x","tools":[""]}""", "At most 100 names of tools")]
    public async Task What_cannot_be_a_server_is_refused_with_a_sentence(string server, string sentence)
    {
        var id = (await app.Services.GetRequiredService<EnvironmentCatalog>().ListAsync(app.Repository, CancellationToken.None))[0].Id;

        var (status, errors) = await RefusedAsync(id, new JsonObject { ["name"] = "lines", ["mcpServers"] = new JsonArray(JsonNode.Parse(server)) });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_starts_the_server_after_the_set_up_and_lists_its_tools()
    {
        var id = await CreateAsync("trial");
        await PutAsync(id, new { name = "trial", setupScript = SetUp, mcpServers = new[] { new { name = "shelves", command = "perl", arguments = new[] { PerlMcpServer.FileName, "" } }, new { name = "broken", command = "perl", arguments = new[] { PerlMcpServer.FileName, "broken" } } } });

        var works = await TestAsync(id, "shelves");
        var broken = await TestAsync(id, "broken");

        Assert.True((bool)works["works"]!, works.ToJsonString());
        Assert.Equal(11, works["tools"]!.AsArray().Count);
        Assert.Equal("""{"name":"big","description":"Does big."}""", works["tools"]![0]!.ToJsonString());
        Assert.False((bool)broken["works"]!);
        Assert.Equal(("It ended with exit code 3.", "no such database"), ((string)broken["problem"]!, (string)broken["said"]!));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(app.Ground.Folder, "app"), "trial-*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_test_says_when_the_set_up_script_fails_and_when_there_is_no_such_server()
    {
        var id = await CreateAsync("bad set-up");
        await PutAsync(id, new { name = "bad set-up", setupScript = "echo no network; exit 6", mcpServers = new[] { new { name = "shelves", command = "perl" } } });

        var failed = await TestAsync(id, "shelves");
        using var missing = await app.Client.PostAsync(new Uri($"/api/v1/environments/{id}/mcp-servers/none/test", UriKind.Relative), content: null);

        Assert.Equal(("The set-up script ended with exit code 6.", "no network\n"), ((string)failed["problem"]!, (string)failed["said"]!));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task A_task_starts_the_servers_that_are_switched_on()
    {
        var id = (await app.Services.GetRequiredService<EnvironmentCatalog>().ListAsync(app.Repository, CancellationToken.None))[0].Id;
        await PutAsync(id, new
        {
            name = "lines",
            setupScript = SetUp,
            mcpServers = new[] { new { name = "shelves", command = "perl", arguments = new[] { PerlMcpServer.FileName, "" }, enabled = true }, new { name = "off", command = "perl", arguments = Nothing, enabled = false } },
        });
        try
        {
            var task = await app.RunAsync("true");

            var log = await app.Services.GetRequiredService<AttemptLog>().EventsAsync(task.Attempts[0].Id, CancellationToken.None);
            var notice = Assert.Single(log.OfType<AgentEvent.ItemCompleted>().Select(static completed => completed.Item).OfType<Item.Notice>(), static notice => notice.Kind is "mcp");
            Assert.StartsWith("The MCP server shelves offers 11 tools, started in ", notice.Text, StringComparison.Ordinal);
        }
        finally
        {
            await PutAsync(id, new { name = "lines" });
        }
    }

    private async Task<EnvironmentId> CreateAsync(string name)
    {
        using var response = await app.Client.PostAsJsonAsync(new Uri("/api/v1/environments", UriKind.Relative), new { repositoryId = app.Repository.ToString(), name });
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return EnvironmentId.Parse((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!, null);
    }

    private async Task<JsonNode> PutAsync(EnvironmentId id, object body)
    {
        using var response = await app.Client.PutAsJsonAsync(new Uri($"/api/v1/environments/{id}", UriKind.Relative), body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        return JsonNode.Parse(text)!;
    }

    private async Task<(HttpStatusCode Status, string Errors)> RefusedAsync(EnvironmentId id, JsonNode body)
    {
        using var response = await app.Client.PutAsJsonAsync(new Uri($"/api/v1/environments/{id}", UriKind.Relative), body);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return (response.StatusCode, (string?)problem["errors"]?["mcpServers"]?[0] ?? problem.ToJsonString());
    }

    private async Task<JsonNode> TestAsync(EnvironmentId id, string server)
    {
        using var response = await app.Client.PostAsync(new Uri($"/api/v1/environments/{id}/mcp-servers/{server}/test", UriKind.Relative), content: null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private async Task<McpServer> StoredAsync(EnvironmentId id)
    {
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<CodexDb>>().CreateDbContextAsync();
        return (await db.Environments.AsNoTracking().SingleAsync(e => e.Id == id)).McpServers.Single();
    }
}
