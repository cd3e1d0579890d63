using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>One request, as often as it has to be sent.</summary>
/// <param name="Address">Where to.</param>
/// <param name="Token">Whose; null for nobody's.</param>
internal sealed record GitHubRequest(HttpMethod Method, Uri Address, GitHubToken? Token)
{
    /// <summary>The body as JSON or a form; null for none.</summary>
    public byte[]? Body { get; init; }

    /// <summary>What <see cref="Body"/> is.</summary>
    public string BodyType { get; init; } = "application/json";

    /// <summary>What is asked for.</summary>
    public string Accept { get; init; } = "application/vnd.github+json";

    /// <summary>Instead of the token; null for the token.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>True when sending it twice does no harm. Default: for GET alone.</summary>
    public bool IsRepeatable { get; init; } = Method == HttpMethod.Get;

    /// <summary>The rate limit GitHub counts it to: <c>core</c>, <c>search</c> or <c>graphql</c>.</summary>
    public string Resource { get; init; } = "core";

    /// <summary>What a person does about a 401.</summary>
    public string WhenUnauthorized { get; init; } = "The token was revoked, has expired or is mistyped: connect GitHub again in the settings.";

    /// <summary>For messages: the method and the path without its query.</summary>
    public string Name { get; init; } = $"{Method} {Address.AbsolutePath}";

    /// <summary>Neither token nor body nor query.</summary>
    public override string ToString() => Name;

    /// <summary>A body as JSON.</summary>
    public static byte[] JsonOf<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);

    /// <summary>The message, made anew for every sending.</summary>
    public HttpRequestMessage ToMessage(Uri address)
    {
        var message = new HttpRequestMessage(Method, address);
        message.Headers.TryAddWithoutValidation("Accept", Accept);
        message.Headers.TryAddWithoutValidation("X-GitHub-Api-Version", "2022-11-28");
        message.Headers.TryAddWithoutValidation("User-Agent", "CodexWeb");
        message.Headers.Authorization = Authorization ?? (Token is { } secret ? new AuthenticationHeaderValue("Bearer", secret.Value) : null);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(BodyType, BodyType == "application/json" ? "utf-8" : null);
        }

        return message;
    }
}
