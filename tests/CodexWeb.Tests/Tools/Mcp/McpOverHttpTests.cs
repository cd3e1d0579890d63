using CodexWeb.Agent;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes.Egress;
using CodexWeb.Agent.Tools.Mcp;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests.Tools.Mcp;

/// <summary>MCP servers with an address, through whole turns.</summary>
public sealed class McpOverHttpTests
{
    private const string Secret = "tok_4711_shelves";

    private static readonly EgressPolicy Loopback = new(["127.0.0.1"]);

    [Fact]
    public async Task A_server_with_an_address_is_called_and_each_connection_is_in_the_log()
    {
        await using var server = await HttpMcpServer.StartAsync();
        await using var rig = await LoopRig.StartAsync(AgentMode.Ask, Reply.Answer(Call("call_1", "echo", """{"text":"hé"}""")), Reply.Answer(OutputItem.Message("Done.")));

        Assert.IsType<TurnOutcome.Completed>(await RunAsync(rig, server.Url, Loopback));

        Assert.EndsWith("Output:\nyou said hé", rig.Told("call_1"), StringComparison.Ordinal);
        Assert.Equal(["mcp__remote__echo", "mcp__remote__wait", "mcp__remote__who"], rig.McpNames(0));
        var contacts = rig.Events.OfType<AgentEvent.HostContacted>().ToList();
        Assert.NotEmpty(contacts);
        Assert.All(contacts, contact => Assert.Equal(new AgentEvent.HostContacted("127.0.0.1", server.Address.Port, Allowed: true, "mcp:remote"), contact));
    }

    [Fact]
    public async Task A_server_in_the_servers_own_network_is_refused_before_a_byte_is_sent()
    {
        await using var server = await HttpMcpServer.StartAsync();
        await using var rig = await LoopRig.StartAsync(AgentMode.Ask, Reply.Answer(OutputItem.Message("Done.")));

        Assert.IsType<TurnOutcome.Completed>(await RunAsync(rig, server.Url, EgressPolicy.Public));

        Assert.Equal(0, server.Requests);
        Assert.Contains("127.0.0.1 is not on the public internet (127.0.0.1), so it is not connected to.", rig.Notices().Single().Text, StringComparison.Ordinal);
        Assert.All(rig.Events.OfType<AgentEvent.HostContacted>(), static contact => Assert.Equal(("127.0.0.1", false), (contact.Host, contact.Allowed)));
        Assert.NotEmpty(rig.Events.OfType<AgentEvent.HostContacted>());
    }

    [Fact]
    public async Task A_header_is_sent_and_appears_nowhere_even_when_the_server_repeats_it()
    {
        await using var server = await HttpMcpServer.StartAsync();
        await using var rig = await LoopRig.StartAsync(AgentMode.Ask, Reply.Answer(Call("call_1", "who", "{}")), Reply.Answer(OutputItem.Message("Done.")));

        await RunAsync(rig, server.Url, Loopback, new Dictionary<string, string> { ["Authorization"] = $"Bearer {Secret}" });

        Assert.EndsWith("Output:\nyou are •••", rig.Told("call_1"), StringComparison.Ordinal);
        Assert.All(rig.Events, static e => Assert.DoesNotContain(Secret, ProtocolJson.Write(e), StringComparison.Ordinal));
        Assert.All(rig.Server.Bodies, static body => Assert.DoesNotContain(Secret, body, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/moved", "It answered 308 PermanentRedirect, a redirect. These are not followed: enter the address it leads to.")]
    [InlineData("/closed", "It answered 401 Unauthorized: the headers in the environment are missing, wrong, or lack a right.")]
    [InlineData("/gone", "It answered 404 NotFound: there is no MCP server of the streamable HTTP kind at this address.")]
    public async Task An_address_that_is_no_server_is_said_in_a_sentence(string path, string sentence)
    {
        await using var server = await HttpMcpServer.StartAsync();
        await using var rig = await LoopRig.StartAsync(AgentMode.Ask, Reply.Answer(OutputItem.Message("Done.")));

        Assert.IsType<TurnOutcome.Completed>(await RunAsync(rig, new Uri(server.Address, path), Loopback));

        Assert.EndsWith(sentence, rig.Notices().Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/page")]
    [InlineData("/endless")]
    public async Task Answers_that_are_something_else_or_have_no_end_cost_the_tools_alone(string path)
    {
        await using var server = await HttpMcpServer.StartAsync();
        await using var rig = await LoopRig.StartAsync(AgentMode.Ask, Reply.Answer(OutputItem.Message("Done.")));

        Assert.IsType<TurnOutcome.Completed>(await RunAsync(rig, new Uri(server.Address, path), Loopback));

        Assert.StartsWith("The MCP server remote could not be started, and the turn goes on without its tools. ", rig.Notices().Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_ends_a_call_over_http_at_once()
    {
        await using var server = await HttpMcpServer.StartAsync();
        await using var rig = await LoopRig.StartAsync(AgentMode.Ask, Reply.Answer(Call("call_1", "wait", "{}")));
        using var stop = new CancellationTokenSource();

        var turn = LoopRig.RunAsync(Turn(rig, server.Url, Loopback), stop.Token);
        await rig.LoggedAsync(static e => e is AgentEvent.ItemUpdated { Delta: "1 of 3\n" });
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turn);

        Assert.Equal(ItemStatus.Cancelled, rig.Completed.OfType<Item.McpToolCall>().Single().Status);
    }

    private static Task<TurnOutcome> RunAsync(LoopRig rig, Uri url, EgressPolicy egress, IReadOnlyDictionary<string, string>? headers = null) => LoopRig.RunAsync(Turn(rig, url, egress, headers));

    private static AgentTurn Turn(LoopRig rig, Uri url, EgressPolicy egress, IReadOnlyDictionary<string, string>? headers = null) => rig.Turn() with
    {
        Egress = egress,
        McpServers = [new McpServerSpec { Name = "remote", Url = url, Headers = headers ?? new Dictionary<string, string>(), StartTime = TimeSpan.FromSeconds(15) }],
    };

    private static OutputItem Call(string callId, string tool, string arguments) => OutputItem.Function(callId, $"mcp__remote__{tool}", arguments);
}
