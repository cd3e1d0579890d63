using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using Microsoft.Extensions.Caching.Memory;

namespace CodexWeb.Review;

/// <summary>A change under review and the commits it lies between.</summary>
internal sealed record ReviewedDiff(Diff Diff, ChangeRange Range)
{
    /// <summary>Names the state of the change: both commits where both move, else the commit after it.</summary>
    public static string AtOf(DiffScope scope, ChangeRange range) => scope.Against is null ? range.To : $"{range.From}-{range.To}";
}

/// <summary>The changes of attempts, parsed once and kept while there is room.</summary>
internal sealed class ReviewedDiffs(AttemptChanges changes) : IDisposable
{
    private const long MostBytes = 256L * 1024 * 1024;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(30);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MostBytes });

    // Two at a time: a patch of many megabytes must not be read by every viewer at once.
    private readonly SemaphoreSlim _reading = new(2, 2);

    /// <summary>The change of an attempt.</summary>
    /// <param name="at">The state of the change as the caller knows it (see <see cref="ReviewedDiff.AtOf"/>); null for the newest. An older one is given only while it is still kept.</param>
    public async Task<CommandResult<ReviewedDiff>> LoadAsync(AttemptId attempt, DiffScope scope, bool ignoreWhiteSpace, string? at, CancellationToken cancellationToken)
    {
        if (at is not null && _cache.TryGetValue<ReviewedDiff>((attempt, scope, ignoreWhiteSpace, at), out var known))
        {
            return new CommandResult<ReviewedDiff>.Done(known!);
        }

        var range = await RangeAsync(attempt, scope, cancellationToken);
        if (range is not CommandResult<ChangeRange>.Done { Value: var commits })
        {
            return Failed(range);
        }

        if (at is not null && !string.Equals(at, ReviewedDiff.AtOf(scope, commits), StringComparison.Ordinal))
        {
            return new CommandResult<ReviewedDiff>.Refused("The change has moved on since it was opened. Load it again.");
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            return await ReadAsync(attempt, scope, ignoreWhiteSpace, commits, cancellationToken);
        }
        catch (RepositoryException exception)
        {
            return new CommandResult<ReviewedDiff>.Refused(exception.Message);
        }
        catch (GitException exception)
        {
            return new CommandResult<ReviewedDiff>.Refused($"The change could not be read: {exception.Error.Trim()}");
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _reading.Dispose();
    }

    private async Task<CommandResult<ReviewedDiff>> ReadAsync(AttemptId attempt, DiffScope scope, bool ignoreWhiteSpace, ChangeRange range, CancellationToken cancellationToken)
    {
        var key = (attempt, scope, ignoreWhiteSpace, ReviewedDiff.AtOf(scope, range));
        if (_cache.TryGetValue<ReviewedDiff>(key, out var known))
        {
            return new CommandResult<ReviewedDiff>.Done(known!);
        }

        var parser = new DiffParser();
        await using var patch = new PatchStream(parser);
        await changes.WriteAsync(range, patch, cancellationToken);
        var diff = parser.Finish();
        var read = new ReviewedDiff(ignoreWhiteSpace ? WhiteSpace.Ignore(diff) : diff, range);
        _cache.Set(key, read, new MemoryCacheEntryOptions { Size = diff.RetainedBytes + 1_000, SlidingExpiration = Kept });
        return new CommandResult<ReviewedDiff>.Done(read);
    }

    private Task<CommandResult<ChangeRange>> RangeAsync(AttemptId attempt, DiffScope scope, CancellationToken cancellationToken) =>
        scope.Against is { } other ? changes.BetweenAsync(attempt, other, cancellationToken) : changes.RangeAsync(attempt, scope.Turn, cancellationToken);

    private static CommandResult<ReviewedDiff> Failed(CommandResult<ChangeRange> result) => result switch
    {
        CommandResult<ChangeRange>.NotFound missing => new CommandResult<ReviewedDiff>.NotFound(missing.What),
        CommandResult<ChangeRange>.Refused refused => new CommandResult<ReviewedDiff>.Refused(refused.Reason),
        CommandResult<ChangeRange>.Invalid invalid => new CommandResult<ReviewedDiff>.Invalid(invalid.Errors),
        _ => throw new ArgumentException("The range was found.", nameof(result)),
    };
}
