using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>What the server's App is to be, as GitHub reads it: https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest</summary>
internal static class GitHubAppManifest
{
    /// <summary>What the App may, no more than the server does with it.</summary>
    private static readonly (string Name, string Level)[] Permissions =
        [("contents", "write"), ("pull_requests", "write"), ("issues", "write"), ("checks", "read"), ("statuses", "read"), ("metadata", "read")];

    /// <summary>What it is told. Every App is told of its installations, and may not ask for it.</summary>
    private static readonly string[] Events =
        ["pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread", "issue_comment", "issues", "check_run", "check_suite", "status", "push", "repository"];

    /// <summary>Writes it.</summary>
    /// <param name="server">The server's address as the browser reaches it; ends with a slash.</param>
    /// <param name="outside">The server's address as GitHub reaches it; ends with a slash.</param>
    public static string Write(Uri server, Uri outside, Uri returnAddress)
    {
        var manifest = new JsonObject
        {
            // GitHub's Apps share one space of names; the person can change it there.
            ["name"] = $"CodexWeb {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}",
            ["url"] = outside.AbsoluteUri,
            ["redirect_url"] = returnAddress.AbsoluteUri,
            ["callback_urls"] = new JsonArray(new Uri(server, "github/callback").AbsoluteUri),
            ["setup_url"] = new Uri(server, "settings").AbsoluteUri,
            ["public"] = false,
            ["default_permissions"] = new JsonObject(Permissions.Select(static permission => KeyValuePair.Create(permission.Name, (JsonNode?)permission.Level))),
        };
        if (HasWebhooks(outside))
        {
            // Left out when GitHub cannot reach the server: it takes no such address, active or not.
            manifest["hook_attributes"] = new JsonObject { ["url"] = new Uri(outside, "github/webhooks").AbsoluteUri, ["active"] = true };
            manifest["default_events"] = new JsonArray([.. Events.Select(static name => (JsonNode?)name)]);
        }

        return manifest.ToJsonString();
    }

    /// <summary>True when GitHub can reach the server: by https, under a name that is not of one machine alone.</summary>
    public static bool HasWebhooks(Uri outside) => outside.Scheme == Uri.UriSchemeHttps && !outside.IsLoopback && outside.Host.Contains('.', StringComparison.Ordinal);
}
