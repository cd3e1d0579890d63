using System.Net;

namespace CodexWeb.CommandLine;

/// <summary>Where the server listens: on a loopback address only, as long as there is no sign-in.</summary>
public static class ListenAddresses
{
    /// <summary>Used when the settings name no address.</summary>
    public const string Default = "http://127.0.0.1:5080";

    /// <summary>The addresses the settings name, as ASP.NET Core reads them; empty when they name none.</summary>
    public static IReadOnlyList<string> Configured(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>();
        if (configuration["urls"] is { Length: > 0 } urls)
        {
            return [.. Split(urls), .. endpoints];
        }

        var ports = Split(configuration["http_ports"]).Select(port => $"http://*:{port}").Concat(Split(configuration["https_ports"]).Select(port => $"https://*:{port}"));
        return [.. ports, .. endpoints];
    }

    /// <summary>What is wrong with the addresses: other machines could reach them and nobody allowed that. Empty when nothing is.</summary>
    public static IReadOnlyList<string> FindErrors(IConfiguration configuration)
    {
        var options = configuration.GetSection(ServerOptions.Section).Get<ServerOptions>() ?? new ServerOptions();
        return options.AllowNonLoopback
            ? []
            : [.. Configured(configuration).Where(address => !IsLoopback(address)).Select(address =>
                $"The server is to listen on {address}, which other machines can reach, but this version has no sign-in. Use a loopback address such as {Default}. "
                + "In a container whose port is published on loopback (127.0.0.1:5080:5080), set Server:AllowNonLoopback to true.")];
    }

    /// <summary>True for a host only this machine can reach: <c>localhost</c>, 127.0.0.0/8, [::1].</summary>
    /// <param name="host">A host name or address without a port.</param>
    internal static bool IsLoopbackHost(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // "*" and "+" and everything else that is no address mean all addresses of the machine.
    private static bool IsLoopback(string address) =>
        address.StartsWith("http://unix:/", StringComparison.Ordinal)
        || (Uri.TryCreate(address, UriKind.Absolute, out var uri) && IsLoopbackHost(uri.Host));

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
