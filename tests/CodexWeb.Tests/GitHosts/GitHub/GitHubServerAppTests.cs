using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CodexWeb.EmulatedGitHub;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace CodexWeb.Tests.GitHosts.GitHub;

/// <summary>OAuth, Apps and webhooks of the GitHub that other tests lean on.</summary>
public sealed class GitHubServerAppTests : IAsyncLifetime
{
    private const string Callback = "http://127.0.0.1:5000/github/callback";

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private GitHubServer _server = null!;
    private HostedAccount _ana = null!;
    private HostedRepository _shop = null!;

    public async Task InitializeAsync()
    {
        _server = await GitHubServer.StartAsync();
        _ana = _server.AddUser("ana");
        _server.AddOrganisation("acme", _ana);
        _shop = await _server.AddRepositoryAsync("acme/shop", [("README.md", "# Shop\n")]);
        _shop.Allow(_ana, RepositoryRole.Admin);
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_code_is_good_once_and_only_with_its_verifier()
    {
        var client = _server.OAuth.Add(Callback);
        var challenge = Base64Url.EncodeToString(SHA256.HashData("the verifier"u8));
        async Task<string> CodeAsync()
        {
            using var answer = await _http.GetAsync(new Uri(_server.Web, $"/login/oauth/authorize?client_id={client.Id}&redirect_uri={Uri.EscapeDataString(Callback)}&state=s1&scope=repo&code_challenge={challenge}&code_challenge_method=S256"));
            var query = QueryHelpers.ParseQuery(answer.Headers.Location!.Query);
            Assert.Equal("s1", query["state"]);
            return query["code"].ToString();
        }

        Task<JsonElement> ExchangeAsync(string code, string verifier) => FormAsync(("client_id", client.Id), ("client_secret", client.Secret), ("code", code), ("redirect_uri", Callback), ("code_verifier", verifier));

        Assert.Equal("bad_verification_code", (await ExchangeAsync(await CodeAsync(), "another")).GetProperty("error").GetString());
        var code = await CodeAsync();
        var token = (await ExchangeAsync(code, "the verifier")).GetProperty("access_token").GetString()!;
        Assert.Equal("bad_verification_code", (await ExchangeAsync(code, "the verifier")).GetProperty("error").GetString());

        Assert.Equal("ana", (await GetAsync("/user", token)).GetProperty("login").GetString());
        Assert.Equal("incorrect_client_credentials", (await FormAsync(("client_id", client.Id), ("client_secret", "wrong"), ("code", code))).GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_redirect_to_an_address_that_is_not_registered_is_not_made()
    {
        var client = _server.OAuth.Add(Callback);

        using var answer = await _http.GetAsync(new Uri(_server.Web, $"/login/oauth/authorize?client_id={client.Id}&redirect_uri=http%3A%2F%2Fevil.example%2F"));

        Assert.Null(answer.Headers.Location);
    }

    [Fact]
    public async Task A_manifest_becomes_an_app_whose_installation_token_reaches_its_repositories_and_ends()
    {
        var time = new Clock();
        await using var server = await GitHubServer.StartAsync(time);
        var ana = server.AddUser("ana");
        var shop = await server.AddRepositoryAsync("ana/shop", [("README.md", "# Shop\n")]);
        await server.AddRepositoryAsync("ana/other", [("README.md", "# Other\n")]);
        const string Manifest = """{"name":"CodexWeb ana","url":"http://127.0.0.1:5000","redirect_url":"http://127.0.0.1:5000/made","default_permissions":{"contents":"write","pull_requests":"write"},"default_events":["push"]}""";
        using var form = new FormUrlEncodedContent([new("manifest", Manifest)]);
        using var made = await _http.PostAsync(new Uri(server.Web, "/settings/apps/new?state=s2"), form);
        var code = QueryHelpers.ParseQuery(made.Headers.Location!.Query)["code"].ToString();
        using var converted = await _http.PostAsync(new Uri($"{server.Api}/app-manifests/{code}/conversions"), content: null);
        var app = await converted.Content.ReadFromJsonAsync<JsonElement>();
        await server.Apps.All[0].InstallAsync(ana, shop);
        var jwt = Jwt(app.GetProperty("id").GetInt64(), app.GetProperty("pem").GetString()!, time.GetUtcNow(), TimeSpan.FromMinutes(9));

        var installation = await GetAsync(server, "/repos/ana/shop/installation", jwt);
        var token = (await PostAsync(server, $"/app/installations/{installation.GetProperty("id").GetInt64()}/access_tokens", jwt)).GetProperty("token").GetString()!;

        Assert.Equal(1, (await GetAsync(server, "/installation/repositories", token)).GetProperty("total_count").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, "/repos/ana/other", token));
        time.Now += TimeSpan.FromMinutes(61);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "/repos/ana/shop", token));
    }

    [Theory]
    [InlineData(-60, 660, "too far in the future")]
    [InlineData(60, 540, "'Issued at'")]
    [InlineData(-60, -1, "'Expiration time'")]
    public async Task A_jwt_out_of_its_time_is_refused(int issued, int expires, string expected)
    {
        var app = _server.Apps.Add("codexweb", _ana);
        var now = TimeProvider.System.GetUtcNow();
        var jwt = Jwt(app.Id, app.Pem, now.AddSeconds(issued + 60), TimeSpan.FromSeconds(expires - issued - 60));

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{_server.Api}/app"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", jwt);
        using var response = await _http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains(expected, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webhooks_are_signed_over_their_body_and_sent_again_as_they_were()
    {
        await using var receiver = await Receiver.StartAsync();
        _server.SendWebhooksTo(receiver.Address, "the secret");
        await _shop.CommitAsync("work", "Work", ("new.txt", "new\n"));
        await _shop.OpenPullAsync(_ana, "Work", "work");
        await _server.Webhooks.AllSentAsync();

        Assert.Equal(["push", "pull_request"], receiver.Received.Select(static hook => hook.Headers["X-GitHub-Event"].ToString()));
        var opened = receiver.Received.Last();
        Assert.Equal(WebhookSender.Sign(opened.Body, "the secret"), opened.Headers["X-Hub-Signature-256"]);
        Assert.Equal("opened", JsonElement.Parse(opened.Body).GetProperty("action").GetString());

        await _server.Webhooks.RedeliverAsync(_server.Webhooks.Sent[^1]);
        Assert.Equal((opened.Headers["X-GitHub-Delivery"], opened.Body), (receiver.Received.Last().Headers["X-GitHub-Delivery"], receiver.Received.Last().Body));
    }

    private static string Jwt(long app, string pem, DateTimeOffset now, TimeSpan life)
    {
        using var key = RSA.Create();
        key.ImportFromPem(pem);
        static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
        var text = $"{Part(new { alg = "RS256", typ = "JWT" })}.{Part(new { iat = now.AddSeconds(-60).ToUnixTimeSeconds(), exp = (now + life).ToUnixTimeSeconds(), iss = app })}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private Task<JsonElement> GetAsync(string path, string token) => GetAsync(_server, path, token);

    private async Task<JsonElement> GetAsync(GitHubServer server, string path, string token)
    {
        using var response = await SendAsync(HttpMethod.Get, server, path, token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> PostAsync(GitHubServer server, string path, string token)
    {
        using var response = await SendAsync(HttpMethod.Post, server, path, token);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpStatusCode> StatusAsync(GitHubServer server, string path, string token)
    {
        using var response = await SendAsync(HttpMethod.Get, server, path, token);
        return response.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, GitHubServer server, string path, string token)
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Api + path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await _http.SendAsync(request);
    }

    private async Task<JsonElement> FormAsync(params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(static field => new KeyValuePair<string, string>(field.Name, field.Value)));
        using var response = await _http.PostAsync(new Uri(_server.Web, "/login/oauth/access_token"), form);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>Takes webhooks as they come.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Receiver(WebApplication app) => _app = app;

        public Uri Address => new(_app.Urls.First() + "/hooks");

        public ConcurrentQueue<(IHeaderDictionary Headers, string Body)> Received { get; } = new();

        public static async Task<Receiver> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var receiver = new Receiver(app);
            app.MapPost("/hooks", async (HttpRequest request) =>
            {
                using var reader = new StreamReader(request.Body);
                var body = await reader.ReadToEndAsync();
                receiver.Received.Enqueue((new HeaderDictionary(request.Headers.ToDictionary(static header => header.Key, static header => header.Value)), body));
                return Results.Accepted();
            });
            await app.StartAsync();
            return receiver;
        }

        public async ValueTask DisposeAsync() => await _app.DisposeAsync();
    }
}
