namespace CodexWeb.GitHosts.GitHub;

/// <summary>A form that makes a GitHub App of this server's own, to be sent to GitHub by the person's browser.</summary>
/// <param name="Address">Where it is sent to.</param>
/// <param name="Manifest">What the App is to be: JSON.</param>
/// <param name="Organisation">Who is to own it; null for the person.</param>
/// <param name="HasWebhooks">False when GitHub cannot reach the server.</param>
public sealed record GitHubAppForm(Uri Address, string Manifest, string? Organisation, bool HasWebhooks);

/// <summary>Makes the server's GitHub App: the browser takes a manifest to GitHub and comes back with a code for the App's keys.</summary>
public sealed class GitHubAppSetup(GitHubApps apps, GitHubFlows flows, GitHubAddresses addresses, GitHubAppStore store, GitHubAccess access)
{
    private const string Purpose = "app";

    /// <summary>The form for a new App.</summary>
    /// <param name="server">The server's address as the browser reaches it; ends with a slash.</param>
    /// <param name="outside">The server's address as GitHub reaches it; ends with a slash.</param>
    /// <param name="organisation">Who is to own it; null or empty for the person.</param>
    public CommandResult<GitHubAppForm> Begin(HttpContext http, Uri server, Uri outside, string? organisation)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(outside);
        var owner = organisation?.Trim() is { Length: > 0 } typed ? typed : null;
        if (owner is not null && !GitHubRepositoryName.TryParse($"{owner}/x", out _))
        {
            return new CommandResult<GitHubAppForm>.Invalid("organization", "This is not the name of an organisation at GitHub: letters, digits and hyphens are meant.");
        }

        var returnAddress = new Uri(server, "github/app/callback");
        var flow = flows.Begin(http, Purpose, returnAddress);
        var page = owner is null ? "settings/apps/new" : $"organizations/{owner}/settings/apps/new";
        return new CommandResult<GitHubAppForm>.Done(new GitHubAppForm(
            new Uri(addresses.Web, $"{page}?state={flow.State}"), GitHubAppManifest.Write(server, outside, returnAddress), owner, GitHubAppManifest.HasWebhooks(outside)));
    }

    /// <summary>Takes the App GitHub made, in place of an earlier one.</summary>
    /// <returns>The App's name in addresses.</returns>
    public async Task<CommandResult<string>> EndAsync(HttpContext http, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (flows.End(http, Purpose, http.Request.Query["state"]) is null || http.Request.Query["code"].ToString() is not { Length: > 0 and < 500 } code)
        {
            return new CommandResult<string>.Refused("This answer of GitHub's belongs to nothing that was begun in this browser within the last ten minutes. Set the App up again; one that GitHub made already can be deleted there.");
        }

        try
        {
            var made = await apps.ConvertManifestAsync(code, cancellationToken);
            // GitHub tells the keys this once: they are stored whoever still waits.
            await store.TakeAsync(made, CancellationToken.None);
            access.Forget();
            return new CommandResult<string>.Done(made.App.Slug);
        }
        catch (GitHubException exception)
        {
            return new CommandResult<string>.Refused($"GitHub made the App, but did not give its keys. {exception.Message} Delete the App at GitHub and set it up again.");
        }
    }

    /// <summary>Forgets the App with its keys. At GitHub it stays until somebody deletes it there.</summary>
    public async Task<CommandResult<Nothing>> RemoveAsync(CancellationToken cancellationToken)
    {
        var removed = await store.RemoveAsync(cancellationToken);
        access.Forget();
        return removed
            ? new CommandResult<Nothing>.Done(default)
            : new CommandResult<Nothing>.NotFound("No GitHub App was made here. One that the settings name goes with its settings.");
    }
}
