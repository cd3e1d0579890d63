using System.Net;
using System.Net.Sockets;

namespace CodexWeb.Agent.Sandboxes.Egress;

/// <summary>A connection somebody asked for on an attempt's behalf.</summary>
/// <param name="Host">Name or address, lower case.</param>
/// <param name="Allowed">False when the policy refused it.</param>
public sealed record EgressAttempt(string Host, int Port, bool Allowed);

/// <summary>A connection the policy refused; the message says why and what to do.</summary>
public sealed class EgressRefusedException(string message) : Exception(message);

/// <summary>
/// What the server connects to on behalf of an attempt: one host at one port, at an address of the public internet. A name is resolved once for each connection, every address it has is
/// looked at, and the connection goes to one of exactly these, so that a second answer of the name server changes nothing.
/// </summary>
/// <param name="privateHosts">Names or addresses that may also lie on this machine or in its network. Empty: none.</param>
public sealed class EgressPolicy(IEnumerable<string> privateHosts)
{
    private readonly HashSet<string> _privateHosts = [.. privateHosts.Select(Normal)];

    /// <summary>The public internet alone.</summary>
    public static EgressPolicy Public { get; } = new([]);

    /// <summary>Resolves a name; the system's resolver unless a test stands in for it.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>True when the host may lie on this machine or in its network.</summary>
    public bool AllowsPrivate(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return _privateHosts.Contains(Normal(host));
    }

    /// <summary>Sends requests to one origin and to no other; follows no redirect, uses no proxy and keeps no cookie.</summary>
    /// <param name="origin">Scheme, host and port; the rest is not looked at.</param>
    /// <param name="maxAnswer">Bytes of one answer's body; reading beyond them fails.</param>
    /// <param name="report">Told of each connection before it is made or refused.</param>
    public HttpMessageHandler Open(Uri origin, long maxAnswer, Func<EgressAttempt, CancellationToken, ValueTask> report)
    {
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(report);
        var connections = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxConnectionsPerServer = 16,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            ConnectCallback = async (context, cancellationToken) => await ConnectAsync(origin, context.DnsEndPoint, report, cancellationToken),
        };
        return new OriginGuard(origin, maxAnswer, report, connections);
    }

    private async Task<NetworkStream> ConnectAsync(Uri origin, DnsEndPoint wanted, Func<EgressAttempt, CancellationToken, ValueTask> report, CancellationToken cancellationToken)
    {
        IReadOnlyList<IPAddress> addresses;
        try
        {
            addresses = await AddressesAsync(wanted.Host, cancellationToken);
        }
        catch (EgressRefusedException)
        {
            await report(new EgressAttempt(Normal(origin.IdnHost), wanted.Port, Allowed: false), cancellationToken);
            throw;
        }

        await report(new EgressAttempt(Normal(origin.IdnHost), wanted.Port, Allowed: true), cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync([.. addresses], wanted.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<IReadOnlyList<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        var bare = host.Trim('[', ']');
        var addresses = IPAddress.TryParse(bare, out var literal) ? [literal] : await Resolve(bare, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new EgressRefusedException($"{bare} has no address.");
        }

        return AllowsPrivate(bare) || Array.Find(addresses, static address => !PublicAddresses.Contain(address)) is not { } inside
            ? addresses
            : throw new EgressRefusedException($"{bare} is not on the public internet ({inside}), so it is not connected to. Whoever runs this server can allow it by the setting Mcp:AllowedPrivateHosts.");
    }

    private static string Normal(string host) => host.Trim().Trim('[', ']').TrimEnd('.').ToLowerInvariant();
}
