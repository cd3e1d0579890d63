using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A request as it came, and what was answered.</summary>
/// <param name="Path">As it was sent, with the API's prefix.</param>
/// <param name="Query">With its question mark; empty when there is none.</param>
/// <param name="Headers">All but Authorization.</param>
/// <param name="Body">As text; empty for Git.</param>
public sealed record RecordedRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>0 while it is not answered.</summary>
    public int Status { get; internal set; }

    /// <summary>The answer's JSON; null when it was none.</summary>
    public string? Answer { get; internal set; }

    public override string ToString() => $"{Method} {Path}{Query} {Status}";
}

/// <summary>The requests of a server, for tests to look at.</summary>
public sealed class RequestRecord
{
    private ImmutableList<RecordedRequest> _all = [];
    private ImmutableHashSet<string> _secrets = [];

    public IReadOnlyList<RecordedRequest> All => _all;

    internal IReadOnlyCollection<string> Secrets => _secrets;

    /// <summary>The requests of a method whose path, without the API's prefix, is this one.</summary>
    public IReadOnlyList<RecordedRequest> To(string method, string path) =>
        [.. _all.Where(request => request.Method == method && (request.Path == path || request.Path == GitHubRoutes.Prefix + path))];

    /// <summary>Forgets what was so far.</summary>
    public void Clear() => _all = [];

    internal void Add(RecordedRequest request) => ImmutableInterlocked.Update(ref _all, list => list.Add(request));

    /// <summary>Keeps what an Authorization header carries.</summary>
    internal void NoteSecret(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || header.Parameter is not { } parameter)
        {
            return;
        }

        var secret = parameter;
        if (header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) && Basic(parameter) is { } basic)
        {
            secret = basic.Password;
        }

        ImmutableInterlocked.Update(ref _secrets, set => set.Add(secret));
    }

    /// <summary>User name and password of a Basic header; null when it is none.</summary>
    internal static (string Name, string Password)? Basic(string parameter)
    {
        var buffer = new byte[parameter.Length];
        return Convert.TryFromBase64String(parameter, buffer, out var length) && Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2) is [var name, var password]
            ? (name, password)
            : null;
    }
}
