using System.Runtime.CompilerServices;
using CodexWeb.Attempts;
using CodexWeb.Data;

namespace CodexWeb.CodeReviews;

/// <summary>Tells pages which reviews changed.</summary>
public sealed class ReviewFeed(CodeReviewQueries queries, IAttemptSignals signals, TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    /// <summary>Reviews that changed, at most four times a second. Ends only by cancellation.</summary>
    public async IAsyncEnumerable<IReadOnlyList<CodeReviewId>> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var subscription = signals.FollowTasks();
        while (true)
        {
            var changed = await queries.OfTasksAsync(await subscription.WaitAsync(cancellationToken), cancellationToken);
            if (changed.Count > 0)
            {
                yield return changed;
            }

            await Task.Delay(Between, time, cancellationToken);
        }
    }

    /// <summary>One review as it now stands, then whenever it changed. Ends only by cancellation, or with null when it is gone.</summary>
    public async IAsyncEnumerable<CodeReviewDetails?> WatchAsync(CodeReviewId id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Subscribed before it is read: what changes in between is told again.
        using var subscription = signals.FollowTasks();
        var review = await queries.DetailsAsync(id, cancellationToken);
        yield return review;
        while (review is not null)
        {
            if ((await subscription.WaitAsync(cancellationToken)).Contains(review.Row.TaskId))
            {
                review = await queries.DetailsAsync(id, cancellationToken);
                yield return review;
                await Task.Delay(Between, time, cancellationToken);
            }
        }
    }
}
