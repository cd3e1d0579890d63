using System.Text;

namespace CodexWeb.Agent.Models;

/// <summary>Where a provider listens, and with which key.</summary>
/// <param name="BaseUrl">With its version, as OPENAI_BASE_URL has it: <c>https://api.openai.com/v1</c>.</param>
/// <param name="ApiKey">Empty for a server that wants none. Never logged: <see cref="ToString"/> leaves it out.</param>
/// <param name="Organization">Sent when set.</param>
/// <param name="Project">Sent when set.</param>
public sealed record ProviderEndpoint(Uri BaseUrl, string ApiKey, string? Organization = null, string? Project = null)
{
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(nameof(BaseUrl)).Append(" = ").Append(BaseUrl);
        return true;
    }
}
