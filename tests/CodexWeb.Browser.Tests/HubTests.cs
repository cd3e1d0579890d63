using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace CodexWeb.Browser.Tests;

/// <summary>The SignalR hub, spoken to in SignalR's own JSON protocol over a bare WebSocket.</summary>
public sealed class HubTests(ServerUnderTest app) : IClassFixture<ServerUnderTest>, IDisposable
{
    private const char End = '\u001e';

    private readonly ApiClient _api = new(app.Server.Address);
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task Follow_streams_the_same_events_as_the_HTTP_interface()
    {
        var (_, attempt) = await _api.StartAsync(await _api.SampleAsync(), "ask", "```sh\necho hello\n```");
        var events = await _api.UntilEndAsync(attempt, after: 0);
        using var socket = await ConnectAsync();

        await SendAsync(socket, $$"""{"type":4,"invocationId":"1","target":"Follow","arguments":["{{attempt}}",2]}""");

        var streamed = new List<string>();
        await foreach (var message in ReadAsync(socket))
        {
            if (message.GetProperty("type").GetInt32() == 2)
            {
                streamed.Add(message.GetProperty("item").GetRawText());
                if (streamed.Count == events.Count - 2)
                {
                    break;
                }
            }
        }

        Assert.Equal(events.Skip(2).Select(e => e.GetRawText()), streamed);
    }

    [Fact]
    public async Task Follow_of_an_attempt_that_is_not_there_says_so()
    {
        using var socket = await ConnectAsync();

        await SendAsync(socket, """{"type":4,"invocationId":"1","target":"Follow","arguments":["nothing",0]}""");

        await foreach (var message in ReadAsync(socket))
        {
            if (message.GetProperty("type").GetInt32() == 3)
            {
                Assert.Contains("There is no such attempt.", message.GetProperty("error").GetString(), StringComparison.Ordinal);
                return;
            }
        }
    }

    [Fact]
    public async Task FollowTasks_streams_rows_of_tasks_that_change()
    {
        using var socket = await ConnectAsync();
        await SendAsync(socket, """{"type":4,"invocationId":"1","target":"FollowTasks","arguments":[]}""");

        var (task, _) = await _api.StartAsync(await _api.SampleAsync(), "ask", "```sh\necho hello\n```");

        await foreach (var message in ReadAsync(socket))
        {
            if (message.GetProperty("type").GetInt32() == 2
                && message.GetProperty("item") is var row
                && string.Equals(row.GetProperty("id").GetString(), task, StringComparison.Ordinal)
                && row.GetProperty("state").GetString() is "ready_for_review")
            {
                Assert.Equal("Read the answer", row.GetProperty("nextStep").GetString());
                return;
            }
        }
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_open_it()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://evil.example");

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address, _patience.Token));
    }

    public void Dispose()
    {
        _api.Dispose();
        _patience.Dispose();
    }

    private Uri Address => new UriBuilder(app.Server.Address) { Scheme = "ws", Path = "/hubs/tasks" }.Uri;

    private async Task<ClientWebSocket> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(Address, _patience.Token);
        await SendAsync(socket, """{"protocol":"json","version":1}""");
        return socket;
    }

    private Task SendAsync(ClientWebSocket socket, string message) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message + End), WebSocketMessageType.Text, endOfMessage: true, _patience.Token);

    private async IAsyncEnumerable<JsonElement> ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var kept = new List<byte>();
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, _patience.Token);
            Assert.NotEqual(WebSocketMessageType.Close, received.MessageType);
            kept.AddRange(buffer.AsSpan(0, received.Count));
            while (kept.IndexOf((byte)End) is >= 0 and var end)
            {
                var message = JsonElement.Parse(kept[..end].ToArray());
                kept.RemoveRange(0, end + 1);
                if (message.TryGetProperty("type", out _))
                {
                    yield return message;
                }
            }
        }
    }
}
