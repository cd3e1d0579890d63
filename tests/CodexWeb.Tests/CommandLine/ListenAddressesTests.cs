using CodexWeb.CommandLine;
using Microsoft.Extensions.Configuration;

namespace CodexWeb.Tests.CommandLine;

public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5080")]
    [InlineData("http://localhost:0")]
    [InlineData("http://[::1]:5080;https://127.0.0.3:5443")]
    public void Loopback_addresses_need_no_leave(string urls) => Assert.Empty(ListenAddresses.FindErrors(Settings(("urls", urls))));

    [Theory]
    [InlineData("urls", "http://0.0.0.0:5080")]
    [InlineData("urls", "http://*:5080")]
    [InlineData("urls", "http://+:80")]
    [InlineData("urls", "http://[::]:80")]
    [InlineData("urls", "http://127.0.0.1:5080;http://192.168.1.7:5080")]
    [InlineData("urls", "http://localhost.example:5080")]
    [InlineData("http_ports", "8080")]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://10.0.0.1:80")]
    public void An_address_others_can_reach_is_refused_until_it_is_allowed_by_name(string key, string value)
    {
        Assert.Contains("this version has no sign-in", Assert.Single(ListenAddresses.FindErrors(Settings((key, value)))), StringComparison.Ordinal);
        Assert.Empty(ListenAddresses.FindErrors(Settings((key, value), ("Server:AllowNonLoopback", "true"))));
    }

    [Fact]
    public void Named_addresses_outdo_ports_as_they_do_in_the_framework() =>
        Assert.Equal(["http://127.0.0.1:1"], ListenAddresses.Configured(Settings(("urls", "http://127.0.0.1:1"), ("http_ports", "8080"))));

    private static IConfiguration Settings(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();
}
