using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CodexWeb.EmulatedGitHub;

/// <summary>The token an App says by that it is itself: RS256, issued by the App's id, for ten minutes at most.</summary>
internal static class AppJwt
{
    private const string Unreadable = "A JSON web token could not be decoded";

    public static HostedApp Check(string jwt, DateTimeOffset now, Func<string, HostedApp?> find)
    {
        var parts = jwt.Split('.');
        JsonElement header, claims;
        byte[] signature;
        try
        {
            header = JsonElement.Parse(Base64Url.DecodeFromChars(parts[0]));
            claims = JsonElement.Parse(Base64Url.DecodeFromChars(parts[1]));
            signature = Base64Url.DecodeFromChars(parts[2]);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw new Refusal(401, Unreadable);
        }

        if (!header.TryGetProperty("alg", out var algorithm) || algorithm.GetString() != "RS256")
        {
            throw new Refusal(401, Unreadable);
        }

        if (Number(claims, "iat") is not { } issued || issued > now.AddSeconds(5).ToUnixTimeSeconds())
        {
            throw new Refusal(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
        }

        if (Number(claims, "exp") is not { } expires || expires <= now.ToUnixTimeSeconds())
        {
            throw new Refusal(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
        }

        if (expires > now.AddMinutes(10).ToUnixTimeSeconds())
        {
            throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
        }

        var issuer = claims.TryGetProperty("iss", out var iss) ? iss.ToString() : "";
        var app = find(issuer) ?? throw new Refusal(404, "Integration not found");
        return app.Key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ? app : throw new Refusal(401, Unreadable);
    }

    private static long? Number(JsonElement claims, string name) => claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
