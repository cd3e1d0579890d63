using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>
/// A delivery's signature: HMAC-SHA256 over the raw body, in the header <c>X-Hub-Signature-256</c> as <c>sha256=</c> and 64 hexadecimal digits
/// (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries). The older one by SHA-1 is not taken.
/// </summary>
internal sealed class WebhookSignature
{
    /// <summary>The header's name.</summary>
    public const string Header = "X-Hub-Signature-256";

    private const string Prefix = "sha256=";

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly byte[] _value;

    private WebhookSignature(byte[] value) => _value = value;

    /// <summary>Reads the header; null when it is missing or no signature.</summary>
    public static WebhookSignature? Read(IHeaderDictionary headers) =>
        headers[Header] is [{ } text]
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.Length == Prefix.Length + (2 * HMACSHA256.HashSizeInBytes)
        && !text.AsSpan(Prefix.Length).ContainsAnyExcept(Hexadecimal)
            ? new WebhookSignature(Convert.FromHexString(text.AsSpan(Prefix.Length)))
            : null;

    /// <summary>True when one of the secrets made it. All are tried, each in the same time whatever differs.</summary>
    public bool IsOf(ReadOnlySpan<byte> body, IReadOnlyList<string> secrets)
    {
        var matches = false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, expected);
            matches |= CryptographicOperations.FixedTimeEquals(expected, _value);
        }

        return matches;
    }
}
