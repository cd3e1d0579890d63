using System.Collections.Concurrent;
using CodexWeb.Data;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Tokens of people's connections. One that expires is renewed in time; a connection GitHub does not take any more is marked with what to do.</summary>
public sealed class GitHubAccountAccess(GitHubAccountStore store, GitHubSecrets secrets, GitHubConsents consents, TimeProvider time)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly KeyedGate<GitHubAccountId> _gate = new();
    private readonly ConcurrentDictionary<GitHubAccountId, GitHubToken> _handedOut = new();
    private readonly ConcurrentDictionary<GitHubAccountId, GitHubToken> _refused = new();

    /// <summary>The token of a connection; null when it is gone or does not work any more.</summary>
    /// <exception cref="GitHubException">It has to be renewed and GitHub could not be asked.</exception>
    public async Task<GitHubToken?> TokenAsync(GitHubAccountId id, CancellationToken cancellationToken)
    {
        using var turn = await _gate.EnterAsync(id, cancellationToken);
        if (await store.FindAsync(id, cancellationToken) is not { Problem: null } account)
        {
            return null;
        }

        try
        {
            var token = new GitHubToken(secrets.Open(GitHubSecretKind.AccessToken, account.Secret));
            token = IsDue(account, token) ? await RenewAsync(account, token) : token;
            _handedOut[id] = token;
            return token;
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Unauthorized or GitHubFailure.Invalid)
        {
            await FailAsync(id, exception.Message, cancellationToken);
            return null;
        }
    }

    /// <summary>Takes note that GitHub answered 401 to a token. One that can be renewed is, the next time it is wanted; else the connection is marked.</summary>
    internal async Task RefusedAsync(GitHubToken token, CancellationToken cancellationToken)
    {
        foreach (var (id, handedOut) in _handedOut)
        {
            // An older token of the same connection may be refused because there is a newer one.
            if (handedOut == token && _handedOut.TryRemove(KeyValuePair.Create(id, handedOut)) && await store.FindAsync(id, cancellationToken) is { Problem: null } account)
            {
                if (account.RefreshSecret is null)
                {
                    await FailAsync(id, $"GitHub does not take the token of {account.Login} any more: it was revoked or has expired. Connect again.", cancellationToken);
                }
                else
                {
                    _refused[id] = token;
                }
            }
        }
    }

    private bool IsDue(GitHubAccount account, GitHubToken token) =>
        (account.ExpiresAt is { } end && end - Margin <= time.GetUtcNow()) || (_refused.TryGetValue(account.Id, out var refused) && refused == token);

    private async Task<GitHubToken> RenewAsync(GitHubAccount account, GitHubToken token)
    {
        try
        {
            // The old ones are worthless from here on: what GitHub gives is stored whoever still waits.
            if (await consents.RenewAsync(account, CancellationToken.None) is not { } renewed)
            {
                return account.ExpiresAt > time.GetUtcNow()
                    ? token
                    : throw new GitHubException(GitHubFailure.Unauthorized, $"The token of {account.Login} has expired and cannot be renewed. Connect again.");
            }

            await store.ChangeAsync(account.Id, stored => consents.Hold(stored, renewed, stored.Login), CancellationToken.None);
            _refused.TryRemove(account.Id, out _);
            return renewed.Token;
        }
        catch (GitHubException exception) when (exception.Failure is GitHubFailure.Unavailable or GitHubFailure.RateLimited && account.ExpiresAt > time.GetUtcNow() && !_refused.ContainsKey(account.Id))
        {
            // It still lasts a few minutes; GitHub may be back by then.
            return token;
        }
    }

    private Task FailAsync(GitHubAccountId id, string problem, CancellationToken cancellationToken) => store.ChangeAsync(id, account => account.Fail(problem), cancellationToken);
}
