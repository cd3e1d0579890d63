using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using Microsoft.Extensions.Caching.Memory;

namespace CodexWeb.Review;

/// <summary>A change under review and the commits it lies between.</summary>
internal sealed record ReviewedDiff(Diff Diff, ChangeRange Range);

/// <summary>The changes of attempts, parsed once and kept while there is room.</summary>
internal sealed class ReviewedDiffs(AttemptChanges changes) : IDisposable
{
    private const long MostBytes = 256L * 1024 * 1024;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(30);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MostBytes });

    // Two at a time: a patch of many megabytes must not be read by every viewer at once.
    private readonly SemaphoreSlim _reading = new(2, 2);

    /// <summary>The change of an attempt.</summary>
    /// <param name="at">The commit after the change as the caller knows it; null for the newest. An older one is given only while it is still kept.</param>
    public async Task<CommandResult<ReviewedDiff>> LoadAsync(AttemptId attempt, DiffScope scope, bool ignoreWhiteSpace, string? at, CancellationToken cancellationToken)
    {
        if (at is not null && _cache.TryGetValue<ReviewedDiff>((attempt, scope, ignoreWhiteSpace, at), out var known))
        {
            return new CommandResult<ReviewedDiff>.Done(known!);
        }

        var range = await changes.RangeAsync(attempt, scope.Turn, cancellationToken);
        if (range is not CommandResult<ChangeRange>.Done { Value: var commits })
        {
            return Failed(range);
        }

        if (at is not null && !string.Equals(at, commits.To, StringComparison.Ordinal))
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
        if (_cache.TryGetValue<ReviewedDiff>((attempt, scope, ignoreWhiteSpace, range.To), out var known))
        {
            return new CommandResult<ReviewedDiff>.Done(known!);
        }

        var parser = new DiffParser();
        await using var patch = new PatchStream(parser);
        // What is written may be newer than what was asked for a moment ago: its own range counts.
        var written = await changes.WriteDiffAsync(attempt, scope.Turn, patch, cancellationToken);
        if (written is not CommandResult<ChangeRange>.Done { Value: var commits })
        {
            return Failed(written);
        }

        var diff = parser.Finish();
        var read = new ReviewedDiff(ignoreWhiteSpace ? WhiteSpace.Ignore(diff) : diff, commits);
        _cache.Set((attempt, scope, ignoreWhiteSpace, commits.To), read, new MemoryCacheEntryOptions { Size = diff.RetainedBytes + 1_000, SlidingExpiration = Kept });
        return new CommandResult<ReviewedDiff>.Done(read);
    }

    private static CommandResult<ReviewedDiff> Failed(CommandResult<ChangeRange> result) => result switch
    {
        CommandResult<ChangeRange>.NotFound missing => new CommandResult<ReviewedDiff>.NotFound(missing.What),
        CommandResult<ChangeRange>.Refused refused => new CommandResult<ReviewedDiff>.Refused(refused.Reason),
        CommandResult<ChangeRange>.Invalid invalid => new CommandResult<ReviewedDiff>.Invalid(invalid.Errors),
        _ => throw new ArgumentException("The range was found.", nameof(result)),
    };
}
