using CodexWeb.Models.Demo;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace CodexWeb.Models;

/// <summary>Where this server's own demo model answers.</summary>
public sealed class DemoModelAddress(IServer server)
{
    /// <summary>A loopback address; null until the server listens.</summary>
    public Uri? BaseUrl
    {
        get
        {
            var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            var http = addresses.Select(BindingAddress.Parse).FirstOrDefault(a => string.Equals(a.Scheme, "http", StringComparison.OrdinalIgnoreCase) && !a.IsUnixPipe);
            return http is null ? null : new Uri($"http://{LoopbackOf(http.Host)}:{http.Port}{DemoModel.Path}");
        }
    }

    // What listens everywhere listens on loopback too.
    private static string LoopbackOf(string host) => host is "0.0.0.0" or "[::]" or "+" or "*" ? "127.0.0.1" : host;
}
