using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CodexWeb.Tests.Api;
using CodexWeb.Tests.Workspaces;

namespace CodexWeb.Tests.Tasks;

public sealed class PromptMenuTests(ApiHost host) : IClassFixture<ApiHost>
{
    private readonly HttpClient _client = host.CreateClient();

    [Fact]
    public async Task Files_and_skills_of_a_branch_are_offered()
    {
        using var ground = new TestGround();
        await ground.MakeOriginAsync(("src/App.cs", "x\n"), ("docs/app.md", "x\n"), (".agents/skills/notes/SKILL.md", "---\nname: notes\ndescription: Writes notes.\n---\nLook.\n"), (".agents/skills/broken/SKILL.md", "nothing\n"));
        using var connected = await _client.PostAsJsonAsync(new Uri("/api/v1/repositories", UriKind.Relative), new { url = ground.Origin });
        var id = (await connected.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();

        var files = await GetAsync($"/prompt/files?repository={id}&query=app");
        var skills = await GetAsync($"/prompt/skills?repository={id}");
        using var missing = await _client.GetAsync(new Uri($"/prompt/files?repository={id}&at=nowhere", UriKind.Relative));

        Assert.Equal(["src/App.cs", "docs/app.md"], files.GetProperty("paths").EnumerateArray().Select(static path => path.GetString()));
        var skill = Assert.Single(skills.EnumerateArray());
        Assert.Equal(("notes", "Writes notes."), (skill.GetProperty("name").GetString(), skill.GetProperty("description").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("There is no branch 'nowhere'", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_template_is_saved_changed_offered_and_removed()
    {
        var address = new Uri("/api/v1/templates/fix-it", UriKind.Relative);
        await _client.PutAsJsonAsync(address, new { description = "Fixes", text = "Fix {{what}}." });
        using var changed = await _client.PutAsJsonAsync(address, new { text = "Fix {{what}} at once." });

        var offered = Assert.Single((await GetAsync("/prompt/templates")).EnumerateArray());
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(("fix-it", "", "Fix {{what}} at once."), (offered.GetProperty("name").GetString(), offered.GetProperty("description").GetString(), offered.GetProperty("text").GetString()));
        Assert.Equal(HttpStatusCode.NoContent, (await _client.DeleteAsync(address)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.DeleteAsync(address)).StatusCode);
    }

    [Theory]
    [InlineData("Bad%20Name", "Fix.", "name")]
    [InlineData("ok", "", "text")]
    public async Task A_template_that_cannot_be_taken_is_refused_by_field(string name, string text, string field)
    {
        using var refused = await _client.PutAsJsonAsync(new Uri($"/api/v1/templates/{name}", UriKind.Relative), new { text });

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.True((await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _));
    }

    private async Task<JsonElement> GetAsync(string address) => await _client.GetFromJsonAsync<JsonElement>(new Uri(address, UriKind.Relative));
}
