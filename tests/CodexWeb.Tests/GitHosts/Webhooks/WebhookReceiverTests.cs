using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Tests.Api;

namespace CodexWeb.Tests.GitHosts.Webhooks;

public sealed class WebhookReceiverTests : IAsyncLifetime
{
    private const string Good = """{ "action": "opened", "repository": { "id": 5, "full_name": "acme/shop" }, "installation": { "id": 7 } }""";

    // By SHA-1, with the right secret.
    private const string OldSignature = "sha1=d42434660bce4e71c7c4d1f3e1f15d67d5598a1c";

    private WebhookRig _rig = null!;

    public async Task InitializeAsync() => _rig = await WebhookRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task A_signed_delivery_is_stored_and_answered_and_then_acted_upon()
    {
        using var answer = await _rig.SendAsync("pull_request", Good, "d-1");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("queued", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
        Assert.Equal("d-1", await _rig.Handler.NextAsync());
        var seen = Assert.Single(_rig.Handler.All);
        Assert.Equal(("d-1", "pull_request", "opened", 5L, "acme/shop", 7L), (seen.DeliveryId, seen.Event, seen.Action, seen.RepositoryId!.Value, seen.RepositoryName, seen.InstallationId!.Value));
        await _rig.SettleAsync(repository: 5);
        var stored = await _rig.StoredAsync("d-1");
        Assert.Equal((WebhookStatus.Done, "Saw d-1.", "", "acme/shop"), (stored.Status, stored.Outcome, stored.Body, stored.RepositoryName));
    }

    // The example of GitHub's documentation.
    [Fact]
    public async Task The_signature_of_GitHubs_own_example_is_right() =>
        Assert.Equal(
            HttpStatusCode.BadRequest, // Not 401: the signature fits, but the text is no JSON.
            await _rig.StatusAsync("Hello, World!"u8.ToArray(), "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"));

    [Fact]
    public async Task A_form_with_the_payload_is_taken_too()
    {
        var body = Encoding.UTF8.GetBytes($"payload={Uri.EscapeDataString(Good)}");

        Assert.Equal(HttpStatusCode.Accepted, await _rig.StatusAsync(body, WebhookRig.Sign(body), type: "application/x-www-form-urlencoded"));
        Assert.Equal("opened", (await _rig.StoredAsync("1")).Action);
    }

    public static TheoryData<string?> BadSignatures => new()
    {
        null,
        "",
        "sha256=",
        "sha256=zz" + new string('0', 62),
        "sha256=" + new string('0', 64),
        OldSignature,
        WebhookRig.Sign(Good, "another secret"),
        WebhookRig.Sign(Good + " "),
        WebhookRig.Sign(Good)["sha256=".Length..],
        WebhookRig.Sign(Good)[..^2],
        WebhookRig.Sign(Good) + "00",
        WebhookRig.Sign(Good).Replace("sha256", "sha1", StringComparison.Ordinal),
    };

    [Theory]
    [MemberData(nameof(BadSignatures))]
    public async Task Nothing_comes_of_a_delivery_that_is_not_signed_right(string? signature)
    {
        using var answer = await _rig.PostAsync(Encoding.UTF8.GetBytes(Good), signature, delivery: "d-9");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("same secret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(await _rig.StoredAsync());
        Assert.Equal("Refused webhook d-9 from 127.0.0.1: its signature is missing or wrong", Assert.Single(_rig.Log));
    }

    [Fact]
    public async Task A_signature_by_SHA_1_alone_is_none()
    {
        using var content = new StringContent(Good, Encoding.UTF8, "application/json");
        content.Headers.Add("X-Hub-Signature", OldSignature);
        content.Headers.Add("X-GitHub-Event", "push");
        content.Headers.Add("X-GitHub-Delivery", "d-1");

        using var answer = await _rig.Client.PostAsync(_rig.Address, content);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData(null, "1")]
    [InlineData("push", null)]
    [InlineData("push", "")]
    [InlineData("push", "a b")]
    public async Task A_delivery_without_its_headers_is_refused(string? name, string? delivery) =>
        Assert.Equal(HttpStatusCode.BadRequest, await _rig.StatusAsync(Encoding.UTF8.GetBytes(Good), WebhookRig.Sign(Good), name, delivery));

    [Fact]
    public async Task An_overlong_delivery_id_is_refused() =>
        Assert.Equal(HttpStatusCode.BadRequest, await _rig.StatusAsync(Encoding.UTF8.GetBytes(Good), WebhookRig.Sign(Good), delivery: new string('x', 101)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{ \"a\": ")]
    [InlineData("{ } { }")]
    public async Task What_is_no_JSON_object_is_refused(string body) => Assert.Equal(HttpStatusCode.BadRequest, await _rig.StatusAsync(Encoding.UTF8.GetBytes(body), WebhookRig.Sign(body)));

    [Fact]
    public async Task What_is_nested_without_end_or_no_UTF_8_is_refused()
    {
        var deep = Encoding.UTF8.GetBytes($"{string.Concat(Enumerable.Repeat("{\"a\":", 100_000))}1{new string('}', 100_000)}");
        byte[] bytes = [.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.Equal(HttpStatusCode.BadRequest, await _rig.StatusAsync(deep, WebhookRig.Sign(deep)));
        Assert.Equal(HttpStatusCode.BadRequest, await _rig.StatusAsync(bytes, WebhookRig.Sign(bytes)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "action": 7, "repository": "acme/shop", "installation": [] }""")]
    [InlineData("""{ "action": "\ud800", "repository": { "id": "many", "full_name": "../../etc" }, "installation": { "id": 1e400 } }""")]
    [InlineData("""{ "repository": { "id": 99999999999999999999999999, "full_name": null } }""")]
    public async Task Missing_and_odd_fields_are_taken_as_missing(string body)
    {
        Assert.Equal(HttpStatusCode.Accepted, await _rig.StatusAsync(Encoding.UTF8.GetBytes(body), WebhookRig.Sign(body)));
        Assert.Equal("1", await _rig.Handler.NextAsync());
        var seen = Assert.Single(_rig.Handler.All);
        Assert.Equal((null, null, null), (seen.RepositoryId, seen.RepositoryName, seen.InstallationId));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/jsonp")]
    public async Task Other_content_types_are_refused(string type) =>
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await _rig.StatusAsync(Encoding.UTF8.GetBytes(Good), WebhookRig.Sign(Good), type: type));

    [Fact]
    public async Task A_body_above_25_MiB_is_refused_with_and_without_a_length()
    {
        var body = new byte[(25 << 20) + 1];
        Array.Fill(body, (byte)' ');

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await AnswerToHeadersAsync(WebhookRig.Sign(body), $"Content-Length: {body.Length}"));
        using var content = new ChunkedContent(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, _rig.Address) { Content = content };
        request.Headers.Add("X-Hub-Signature-256", WebhookRig.Sign(body));
        using var answer = await _rig.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_of_many_megabytes_is_taken()
    {
        var body = Encoding.UTF8.GetBytes($$"""{ "text": "{{new string('x', 24 << 20)}}" }""");

        Assert.Equal(HttpStatusCode.Accepted, await _rig.StatusAsync(body, WebhookRig.Sign(body)));
    }

    [Fact]
    public async Task Without_a_signature_the_body_is_not_waited_for() =>
        Assert.Equal(HttpStatusCode.Unauthorized, await AnswerToHeadersAsync(signature: null, "Content-Length: 20000000"));

    [Fact]
    public async Task A_body_that_does_not_come_loses_its_place()
    {
        using var socket = await ConnectAsync();
        await SendHeadersAsync(socket, WebhookRig.Sign(Good), $"Content-Length: {Good.Length}");

        await _rig.Clock.PassAsync(TimeSpan.FromSeconds(11));

        Assert.Equal(HttpStatusCode.RequestTimeout, await StatusAsync(socket));
    }

    [Fact]
    public async Task A_ping_is_answered_and_needs_no_handling()
    {
        using var answer = await _rig.SendAsync("ping", """{ "zen": "Design for failure.", "hook_id": 1 }""", "p-1");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal((WebhookStatus.Done, "GitHub reaches this server."), ((await _rig.StoredAsync("p-1")).Status, (await _rig.StoredAsync("p-1")).Outcome));
        await _rig.SettleAsync();
        Assert.DoesNotContain(_rig.Handler.All, webhook => webhook.Event == "ping");
    }

    [Fact]
    public async Task The_same_delivery_five_times_with_others_between_has_one_effect()
    {
        string[] order = ["b", "a", "a", "c", "b", "a", "c", "a", "c", "b", "b", "a", "c", "c", "b"];
        var statuses = new List<HttpStatusCode>();
        foreach (var id in order)
        {
            using var answer = await _rig.SendAsync("issues", WebhookRig.Payload(1, id), id);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal(3, statuses.Count(status => status is HttpStatusCode.Accepted));
        Assert.Equal(12, statuses.Count(status => status is HttpStatusCode.OK));
        await _rig.SettleAsync();
        Assert.Equal(["b", "a", "c"], _rig.Handler.All.Select(webhook => webhook.DeliveryId).Take(3));
        Assert.Equal(4, _rig.Handler.All.Count);
    }

    [Fact]
    public async Task Five_at_the_same_moment_have_one_effect()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _rig.StatusAsync(Encoding.UTF8.GetBytes(Good), WebhookRig.Sign(Good))));

        Assert.Equal(1, answers.Count(status => status is HttpStatusCode.Accepted));
        Assert.Single(await _rig.StoredAsync());
    }

    [Fact]
    public async Task While_the_queue_is_busy_deliveries_are_taken_all_the_same()
    {
        var until = new TaskCompletionSource<string?>();
        _rig.Handler.Answer = _ => until.Task;
        using var first = await _rig.SendAsync("push", WebhookRig.Payload(1), "first");
        await _rig.Handler.NextAsync();

        for (var i = 0; i < 20; i++)
        {
            using var answer = await _rig.SendAsync("push", WebhookRig.Payload(1), i.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        Assert.Equal(21, (await _rig.StoredAsync()).Count(delivery => delivery.Status is WebhookStatus.Queued));
        until.SetResult(null);
    }

    [Fact]
    public async Task Without_a_secret_all_are_refused_and_the_log_says_so_once()
    {
        await using var rig = await WebhookRig.StartAsync(secret: null);

        using var answer = await rig.SendAsync("push", Good, "1");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await rig.StatusAsync(Encoding.UTF8.GetBytes(Good), WebhookRig.Sign(Good, "")));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("GitHub:WebhookSecret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("GitHub:WebhookSecret", Assert.Single(rig.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_of_the_servers_own_App_is_taken_beside_that_of_the_settings()
    {
        await _rig.RegisterAppAsync("made from the manifest");

        Assert.Equal(HttpStatusCode.Accepted, await _rig.StatusAsync(Encoding.UTF8.GetBytes(Good), WebhookRig.Sign(Good, "made from the manifest"), delivery: "1"));
        Assert.Equal(HttpStatusCode.Accepted, await _rig.StatusAsync(Encoding.UTF8.GetBytes(Good), WebhookRig.Sign(Good), delivery: "2"));
        Assert.Equal(HttpStatusCode.Unauthorized, await _rig.StatusAsync(Encoding.UTF8.GetBytes(Good), WebhookRig.Sign(Good, "neither"), delivery: "3"));
    }

    [Fact]
    public async Task Webhooks_alone_may_come_by_a_name_the_server_does_not_know()
    {
        await using var host = new ApiHost();
        using var client = host.CreateClient(new() { BaseAddress = new Uri("http://hooks.example") });

        using var webhook = await client.PostAsync(new Uri(WebhookServices.Path, UriKind.Relative), content: null);
        using var other = await client.GetAsync(new Uri("/api/v1/tasks", UriKind.Relative));
        using var read = await client.GetAsync(new Uri(WebhookServices.Path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, webhook.StatusCode);
        Assert.Contains("GitHub:WebhookSecret", await webhook.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (other.StatusCode, read.StatusCode));
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _rig.Address.Port);
        return socket;
    }

    private async Task<HttpStatusCode> AnswerToHeadersAsync(string? signature, string length)
    {
        using var socket = await ConnectAsync();
        await SendHeadersAsync(socket, signature, length);
        return await StatusAsync(socket);
    }

    private static async Task SendHeadersAsync(Socket socket, string? signature, string length)
    {
        var signed = signature is null ? "" : $"X-Hub-Signature-256: {signature}\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {WebhookServices.Path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: 1\r\n{signed}{length}\r\n\r\n"));
    }

    private static async Task<HttpStatusCode> StatusAsync(Socket socket)
    {
        var answer = new byte["HTTP/1.1 000".Length];
        await new NetworkStream(socket).ReadExactlyAsync(answer);
        return (HttpStatusCode)int.Parse(Encoding.ASCII.GetString(answer)[^3..], CultureInfo.InvariantCulture);
    }

    private sealed class ChunkedContent : HttpContent
    {
        private readonly byte[] _body;

        public ChunkedContent(byte[] body)
        {
            _body = body;
            Headers.Add("Content-Type", "application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            try
            {
                await stream.WriteAsync(_body);
            }
            catch (HttpRequestException)
            {
                // The server has answered and does not read on.
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
