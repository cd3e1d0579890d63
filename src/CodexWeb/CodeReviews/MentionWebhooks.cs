using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.CodeReviews;

/// <summary>Acts upon texts that name us: in issues, comments, reviews. Only on those of people who may write to the repository, asked at GitHub at that moment.</summary>
internal sealed class MentionWebhooks(
    IDbContextFactory<CodexDb> databases,
    WriteGate gate,
    GitHubAppAccess app,
    GitHubAccess access,
    GitHubAddresses addresses,
    GitHubRepositories repositories,
    MentionActions actions,
    MentionComments comments,
    IAttemptSignals signals,
    TimeProvider time) : IWebhookHandler
{
    private const string UsualName = "codexweb";

    /// <inheritdoc/>
    public async ValueTask<string?> HandleAsync(WebhookEvent webhook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        if (MentionSource.From(webhook) is not { } source
            || source.Body.Contains(MentionComments.MarkerStart, StringComparison.Ordinal)
            || MentionCommand.Find(source.Body, await NamesAsync(cancellationToken)) is not { } command
            || !GitHubRepositoryName.TryParse(webhook.RepositoryName, out var name))
        {
            return null;
        }

        if (source.IsBot)
        {
            return $"{source.Author} is a bot, and the mentions of bots are not acted upon.";
        }

        if (await access.ForRepositoryAsync(name, cancellationToken) is not { } token)
        {
            return $"{source.Author} named this server, but it may not act on {name} at GitHub. Connect GitHub in Settings, or give the GitHub App this repository.";
        }

        return await repositories.PermissionAsync(token, name, source.Author, cancellationToken) < GitHubPermission.Write
            ? $"{source.Author} may not write to {name}, so nothing was started."
            : await ActAsync(webhook, source, command, name, token, cancellationToken);
    }

    private async Task<string> ActAsync(WebhookEvent webhook, MentionSource source, MentionCommand command, GitHubRepositoryName name, GitHubToken token, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var repository = await RepositoryAsync(db, webhook.RepositoryId, name, cancellationToken);
        var place = new MentionPlace(repository?.Id ?? default, repository?.Url ?? "", name, token, source.Number);
        if (await db.Mentions.AsNoTracking().SingleOrDefaultAsync(m => m.Key == source.Key, cancellationToken) is { } known
            && (known.Status is MentionStatus.Answered || known.CommentId is not null))
        {
            return $"This {source.Words} was acted upon already.";
        }

        await comments.SeenAsync(source, place, cancellationToken);
        source = OnOurGitHub(source, place);
        var effect = repository is null
            ? new MentionEffect($"I could not start on this: {name} is not connected to this CodexWeb server. Connect it there, then write again.", $"{name} is not connected to this server.")
            : await actions.StartAsync(source, command, place, cancellationToken);
        var comment = await comments.WriteOnceAsync(place, source.Key, effect.Comment, source.At, cancellationToken);
        if (repository is not null)
        {
            await KeepAsync(source, repository.Id, effect, comment, cancellationToken);
        }

        return effect.Outcome;
    }

    private async Task KeepAsync(MentionSource source, RepositoryId repository, MentionEffect effect, long comment, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var mention = await db.Mentions.SingleOrDefaultAsync(m => m.Key == source.Key, cancellationToken);
        if (mention is null)
        {
            mention = Mention.TakeUp(source.Key, repository, source.Number, source.Url, source.Author, time.GetUtcNow());
            db.Add(mention);
        }

        if (effect.Task is { } task)
        {
            mention.WorkOn(task, comment);
        }
        else
        {
            mention.Answer(comment);
        }

        await db.SaveInTurnAsync(gate, cancellationToken);
        if (effect.Task is { } started)
        {
            // It may have ended before there was a comment to say so in.
            signals.TaskChanged(started);
        }
    }

    // The page shows it as a link.
    private MentionSource OnOurGitHub(MentionSource source, MentionPlace place) =>
        Uri.TryCreate(source.Url, UriKind.Absolute, out var page) && addresses.Web.IsBaseOf(page) ? source : source with { Url = FormattableString.Invariant($"{addresses.Web}{place.Name}/issues/{place.Number}#{source.Key}") };

    // By GitHub's number of it, which stays when it is renamed; else by its address.
    private async Task<Connected?> RepositoryAsync(CodexDb db, long? hostId, GitHubRepositoryName name, CancellationToken cancellationToken)
    {
        var connected = await db.Repositories.AsNoTracking().OrderBy(r => r.Id).Select(r => new Connected(r.Id, r.Url, r.HostRepositoryId)).ToListAsync(cancellationToken);
        return connected.Find(r => hostId is not null && r.HostId == hostId) ?? connected.Find(r => name.Equals(addresses.NameOf(r.Url)));
    }

    private async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) =>
        await app.RegistrationAsync(cancellationToken) is { Slug: { Length: > 0 } slug } && !string.Equals(slug, UsualName, StringComparison.OrdinalIgnoreCase) ? [UsualName, slug] : [UsualName];

    private sealed record Connected(RepositoryId Id, string Url, long? HostId);
}
