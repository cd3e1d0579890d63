using System.Text.Json.Nodes;
using CodexWeb.EmulatedGitHub;

namespace CodexWeb.Browser.Tests;

/// <summary>A token of GitHub is in the server's memory, and encrypted in its database. It is nowhere else at any time.</summary>
public sealed class SecrecyTests : IAsyncLifetime
{
    // What a curious agent would try: its own surroundings, those of others, and how the repository was had.
    private const string Curious = """
        env | sort
        git remote -v; git config --list --show-origin; cat .git/config .git/credentials ~/.git-credentials ~/.netrc 2>/dev/null
        grep -rsaoE 'gh[a-z]_[A-Za-z0-9]{20,}' /proc/[0-9]*/environ /proc/[0-9]*/cmdline /tmp /run /root /home /etc . && echo FOUND || echo nothing found
        """;

    private readonly DataFolder _folder = new();
    private GitHubServer _github = null!;
    private HostedRepository _shop = null!;
    private ServerProcess _server = null!;
    private ApiClient _api = null!;
    private string _token = "";
    private SecretSearch _search = null!;

    public async Task InitializeAsync()
    {
        _github = await GitHubServer.StartAsync();
        var ana = _github.AddUser("ana");
        _shop = await _github.AddRepositoryAsync("acme/shop", [("README.md", "# Shop\n")]);
        _shop.Allow(ana, RepositoryRole.Write);
        _token = _github.AddToken(ana);
        _search = new SecretSearch(_token);
        _server = await ServerProcess.StartAsync(_folder, port: 0, $"--GitHub:BaseUrl={_github.Web}", $"--GitHub:ApiUrl={_github.Api}");
        _api = new ApiClient(_server.Address);
    }

    public async Task DisposeAsync()
    {
        _api?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await _github.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_token_is_nowhere_while_a_repository_is_cloned_worked_on_and_pushed()
    {
        await _api.PostAsync("/api/v1/github/accounts", new JsonObject { ["token"] = _token });
        var starting = StartAsync();
        await SearchWhileGitAsksAsync("/git-upload-pack", starting);
        var (task, attempt) = await starting;
        var events = await _api.UntilEndAsync(attempt, after: 0);
        Assert.Equal("completed", ApiClient.StatusOf(events[^1]));
        Assert.Contains("nothing found", ApiClient.CommandsOf(events)[0].GetProperty("output").GetString(), StringComparison.Ordinal);

        var pushing = _api.PostAsync($"/api/v1/tasks/{task}/push", new JsonObject());
        await SearchWhileGitAsksAsync("/git-receive-pack", pushing);
        var branch = (await pushing).GetProperty("branch").GetString()!;

        Search("afterwards");
        Assert.NotNull(await _shop.HeadAsync(branch));
        Assert.Contains(_token, _github.TokensSeen);
        foreach (var (name, text) in new (string, string)[]
        {
            ("the events", string.Concat((await _api.StoredAsync(attempt)).Select(static logged => logged.GetRawText()))),
            ("the diff", await _api.GetTextAsync($"/api/v1/attempts/{attempt}/diff")),
            ("the task", (await _api.GetAsync($"/api/v1/tasks/{task}")).GetRawText()),
            ("the overview of GitHub", (await _api.GetAsync("/api/v1/github")).GetRawText()),
            ("the repositories", (await _api.GetAsync("/api/v1/repositories")).GetRawText()),
            ("the settings page", await _api.GetTextAsync("/settings")),
            ("the commit", await _shop.Git.RunAsync("log", "-p", branch)),
        })
        {
            Assert.False(_search.Finds(text), $"The token is in {name}.");
        }
    }

    private async Task<(string Task, string Attempt)> StartAsync()
    {
        var repository = await _api.ConnectAsync(_shop.CloneUrl.ToString());
        return await _api.StartAsync(repository, "code", $"Please run this.\n\n```sh\n{Curious}```\n\n```sh\necho more >> README.md\n```");
    }

    /// <summary>Lets every request of Git wait that carries the credential, and looks around meanwhile.</summary>
    private async Task SearchWhileGitAsksAsync(string service, Task work)
    {
        var asked = 0;
        while (!work.IsCompleted)
        {
            var hold = new Fault.Hold { Path = service };
            _github.Next(hold);
            if (await Task.WhenAny(hold.Reached, work).WaitAsync(TimeSpan.FromMinutes(1)) == hold.Reached)
            {
                asked++;
                Assert.True(SecretSearch.CountProcesses(_shop.CloneUrl.ToString()) > 0, "No Git runs that could hold the token.");
                Search($"during request {asked} to {service}");
            }

            hold.Release();
        }

        await work;
        Assert.True(asked > 0, $"Git did not ask for {service}.");
    }

    private void Search(string when)
    {
        List<string> found = [.. _search.FindFiles(_folder.Path), .. _search.FindProcesses()];
        Assert.True(found.Count == 0, $"The token is {when} in {string.Join(", ", found)}.");
        Assert.False(_search.Finds(_server.Output), $"The token is {when} in the server's log.");
    }
}
