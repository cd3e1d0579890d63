using System.Net;
using System.Net.Sockets;
using CodexWeb.Agent.Sandboxes.Egress;

namespace CodexWeb.Tests.Sandboxes.Egress;

public sealed class EgressPolicyTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.100.100.200")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:a9fe:a9fe")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::7f00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("fe80::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("ff02::1")]
    public void What_is_not_the_public_internet_is_known(string address) => Assert.False(PublicAddresses.Contain(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450:4001::200e")]
    public void What_is_public_is_let_through(string address) => Assert.True(PublicAddresses.Contain(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("017700000001")]
    [InlineData("127.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("localhost")]
    public async Task No_form_of_a_name_for_this_machine_reaches_it(string host)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var origin = new Uri($"http://{host}:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        var attempts = new List<EgressAttempt>();

        await RefusedAsync(EgressPolicy.Public, origin, origin, attempts);

        Assert.False(listener.Pending());
        Assert.False(Assert.Single(attempts).Allowed);
    }

    [Fact]
    public async Task A_name_with_one_address_inside_among_those_outside_is_refused()
    {
        var policy = new EgressPolicy([]) { Resolve = static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("1.1.1.1"), IPAddress.Parse("10.0.0.7")]) };

        var refused = await RefusedAsync(policy, new Uri("https://shelves.test/"), new Uri("https://shelves.test/"), []);

        Assert.Equal(
            "shelves.test is not on the public internet (10.0.0.7), so it is not connected to. Whoever runs this server can allow it by the setting Mcp:AllowedPrivateHosts.", refused.Message);
    }

    [Fact]
    public async Task The_address_that_was_looked_at_is_the_one_that_is_connected_to()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = 0;
        var policy = new EgressPolicy(["SHELVES.test."])
        {
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([++asked == 1 ? IPAddress.Loopback : throw new InvalidOperationException("The name was resolved a second time.")]),
        };
        var origin = new Uri($"http://shelves.test:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        var attempts = new List<EgressAttempt>();
        using var client = Client(policy, origin, attempts);

        var request = client.GetStringAsync(origin);
        using (var connection = await listener.AcceptTcpClientAsync())
        {
            await using var stream = connection.GetStream();
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere"u8.ToArray());
            Assert.Equal("here", await request);
        }

        Assert.Equal(1, asked);
        Assert.Equal([new EgressAttempt("shelves.test", origin.Port, Allowed: true)], attempts);
    }

    [Theory]
    [InlineData("http://shelves.test:8443/")]
    [InlineData("https://shelves.test:8444/")]
    [InlineData("https://other.test:8443/")]
    [InlineData("https://shelves.test.other.test:8443/")]
    public async Task Another_origin_is_refused(string wanted)
    {
        var attempts = new List<EgressAttempt>();

        await RefusedAsync(new EgressPolicy(["shelves.test", "other.test"]), new Uri("https://shelves.test:8443/mcp"), new Uri(wanted), attempts);

        Assert.False(Assert.Single(attempts).Allowed);
    }

    private static async Task<EgressRefusedException> RefusedAsync(EgressPolicy policy, Uri origin, Uri wanted, List<EgressAttempt> attempts)
    {
        using var client = Client(policy, origin, attempts);
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => client.GetStringAsync(wanted));
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is EgressRefusedException refused)
            {
                return refused;
            }
        }

        throw exception;
    }

    private static HttpClient Client(EgressPolicy policy, Uri origin, List<EgressAttempt> attempts) => new(policy.Open(origin, 1 << 20, (attempt, _) =>
    {
        attempts.Add(attempt);
        return ValueTask.CompletedTask;
    }));
}
