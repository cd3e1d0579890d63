using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A review of a pull request.</summary>
/// <param name="State"><c>APPROVED</c>, <c>CHANGES_REQUESTED</c>, <c>COMMENTED</c> or <c>PENDING</c>.</param>
public sealed record HostedReview(HostedPull Pull, long Id, HostedAccount Author, string State, string Body, string Commit, DateTimeOffset SubmittedAt)
{
    internal JsonObject ToJson()
    {
        var page = $"{Pull.Issue.PageUrl}#pullrequestreview-{Id}";
        var json = new JsonObject
        {
            ["id"] = Id,
            ["node_id"] = $"PRR_{Id}",
            ["user"] = Author.ToJson(),
            ["body"] = Body,
            ["state"] = State,
            ["html_url"] = page,
            ["pull_request_url"] = Pull.ApiUrl,
            ["author_association"] = Pull.Repository.AssociationOf(Author),
            ["_links"] = new JsonObject { ["html"] = new JsonObject { ["href"] = page }, ["pull_request"] = new JsonObject { ["href"] = Pull.ApiUrl } },
            ["commit_id"] = Commit,
        };
        if (State != "PENDING")
        {
            json["submitted_at"] = Wire.Time(SubmittedAt);
        }

        return json;
    }
}

/// <summary>Where in the diff something stands.</summary>
/// <param name="Line">Counted from 1. Null: the file as a whole.</param>
/// <param name="Side"><c>LEFT</c> or <c>RIGHT</c>.</param>
public sealed record DiffPlace(string Path, int? Line, string Side, int? StartLine, string? StartSide);

/// <summary>A thread of comments on a place of the diff.</summary>
public sealed class HostedThread
{
    private ImmutableList<HostedReviewComment> _comments = [];

    internal HostedThread(HostedPull pull, long id, DiffPlace place, string commit, int? position, string hunk)
    {
        Pull = pull;
        Id = id;
        Place = Original = place;
        OriginalCommit = commit;
        Position = OriginalPosition = position;
        Hunk = hunk;
    }

    public HostedPull Pull { get; }

    public long Id { get; }

    /// <summary>Where it stood when it was begun.</summary>
    public DiffPlace Original { get; }

    public string OriginalCommit { get; }

    /// <summary>Where it stands at the head now. Null: outdated, for the line changed or left the diff.</summary>
    public DiffPlace? Place { get; internal set; }

    public bool IsOutdated => Place is null;

    public bool IsResolved { get; internal set; }

    public HostedAccount? ResolvedBy { get; internal set; }

    public IReadOnlyList<HostedReviewComment> Comments => _comments;

    internal int? Position { get; set; }

    internal int? OriginalPosition { get; }

    internal string Hunk { get; }

    internal string NodeId => $"PRRT_{Id}";

    internal HostedReviewComment Add(HostedAccount author, string body, HostedReview review)
    {
        var comment = new HostedReviewComment(this, Pull.Repository.Server.NextId(), author, body, review.Id, Pull.Repository.Server.Now());
        ImmutableInterlocked.Update(ref _comments, list => list.Add(comment));
        Pull.Issue.Touch();
        return comment;
    }
}

/// <summary>A comment on a line.</summary>
public sealed record HostedReviewComment(HostedThread Thread, long Id, HostedAccount Author, string Body, long ReviewId, DateTimeOffset CreatedAt)
{
    public Reactions Reactions { get; } = new();

    internal JsonObject ToJson()
    {
        var pull = Thread.Pull;
        var url = $"{pull.Repository.ApiUrl}/pulls/comments/{Id}";
        var page = $"{pull.Issue.PageUrl}#discussion_r{Id}";
        var json = new JsonObject
        {
            ["url"] = url,
            ["pull_request_review_id"] = ReviewId,
            ["id"] = Id,
            ["node_id"] = $"PRRC_{Id}",
            ["diff_hunk"] = Thread.Hunk,
            ["path"] = Thread.Original.Path,
            ["commit_id"] = Thread.IsOutdated ? Thread.OriginalCommit : pull.HeadSha,
            ["original_commit_id"] = Thread.OriginalCommit,
            ["user"] = Author.ToJson(),
            ["body"] = Body,
            ["created_at"] = Wire.Time(CreatedAt),
            ["updated_at"] = Wire.Time(CreatedAt),
            ["html_url"] = page,
            ["pull_request_url"] = pull.ApiUrl,
            ["author_association"] = pull.Repository.AssociationOf(Author),
            ["_links"] = new JsonObject { ["self"] = new JsonObject { ["href"] = url }, ["html"] = new JsonObject { ["href"] = page }, ["pull_request"] = new JsonObject { ["href"] = pull.ApiUrl } },
            ["reactions"] = Reactions.Summary($"{url}/reactions"),
            ["start_line"] = Thread.Place?.StartLine,
            ["original_start_line"] = Thread.Original.StartLine,
            ["start_side"] = Thread.Original.StartSide,
            ["line"] = Thread.Place?.Line,
            ["original_line"] = Thread.Original.Line,
            ["side"] = Thread.Original.Side,
            ["original_position"] = Thread.OriginalPosition ?? 1,
            ["position"] = Thread.Position,
            ["subject_type"] = Thread.Original.Line is null ? "file" : "line",
        };
        if (Thread.Comments[0].Id != Id)
        {
            json["in_reply_to_id"] = Thread.Comments[0].Id;
        }

        return json;
    }
}

/// <summary>The reviews of a pull request and the threads on its lines.</summary>
public sealed partial class HostedPull
{
    private ImmutableList<HostedReview> _reviews = [];
    private ImmutableList<HostedThread> _threads = [];

    public IReadOnlyList<HostedReview> Reviews => _reviews;

    public IReadOnlyList<HostedThread> Threads => _threads;

    /// <summary>Reviews it.</summary>
    /// <param name="state"><c>APPROVED</c>, <c>CHANGES_REQUESTED</c> or <c>COMMENTED</c>.</param>
    public async Task<HostedReview> AddReviewAsync(HostedAccount author, string state, string body)
    {
        var review = Add(author, state, body, HeadSha);
        await Repository.Server.Webhooks.ReviewAsync(review);
        return review;
    }

    /// <summary>Comments on a line of the new version that the diff shows.</summary>
    public async Task<HostedReviewComment> AddReviewCommentAsync(HostedAccount author, string path, int line, string body)
    {
        var place = new DiffPlace(path, line, "RIGHT", StartLine: null, StartSide: null);
        var at = (await DiffAsync()).File(path)?.At(line, "RIGHT") ?? throw new ArgumentException($"Line {line} of {path} is not in the diff.", nameof(line));
        var review = Add(author, "COMMENTED", "", HeadSha);
        var comment = Begin(place, HeadSha, at).Add(author, body, review);
        await Repository.Server.Webhooks.ReviewAsync(review);
        await Repository.Server.Webhooks.ReviewCommentAsync(comment);
        return comment;
    }

    internal HostedReview Add(HostedAccount author, string state, string body, string commit)
    {
        var review = new HostedReview(this, Repository.Server.NextId(), author, state, body, commit, Repository.Server.Now());
        ImmutableInterlocked.Update(ref _reviews, list => list.Add(review));
        RequestedReviewers = state == "PENDING" ? RequestedReviewers : RequestedReviewers.Remove(author);
        Issue.Touch();
        return review;
    }

    internal void Replace(HostedReview review, HostedReview by) => ImmutableInterlocked.Update(ref _reviews, list => list.Replace(review, by));

    /// <summary>Begins a thread on a place.</summary>
    /// <param name="at">The line. Null: the file as a whole.</param>
    internal HostedThread Begin(DiffPlace place, string commit, DiffLine? at)
    {
        var thread = new HostedThread(this, Repository.Server.NextId(), place, commit, at?.Position, at?.Hunk ?? "");
        ImmutableInterlocked.Update(ref _threads, list => list.Add(thread));
        return thread;
    }

    /// <summary>Moves every thread along with its line from the former head to this one; those whose line changed are outdated from now on.</summary>
    private async Task MoveThreadsAsync(string former)
    {
        if (former == HeadSha || _threads.All(static thread => thread.IsOutdated))
        {
            return;
        }

        var (between, shown) = (await PullDiff.ReadAsync(Repository.Git, former, HeadSha, context: 0), await DiffAsync());
        foreach (var thread in _threads.Where(static thread => !thread.IsOutdated))
        {
            var place = thread.Place!;
            if (place.Line is not { } line)
            {
                thread.Place = shown.File(place.Path) is null ? null : place;
                continue;
            }

            // The left side stays where it is while the base does.
            var moved = place.Side == "LEFT" ? line : Moved(between.File(place.Path), line);
            var at = moved is { } number ? shown.File(place.Path)?.At(number, place.Side) : null;
            thread.Place = at is null ? null : place with { Line = moved, StartLine = place.StartLine + (moved - line) };
            thread.Position = at?.Position;
        }
    }

    /// <summary>Where a line is after a change; null when it was changed itself.</summary>
    private static int? Moved(DiffFile? file, int line)
    {
        if (file is null)
        {
            return line;
        }

        if (file.Status == "removed" || file.Lines.Any(changed => changed.Left == line))
        {
            return null;
        }

        // Added lines count when they stand before it, by the numbers of the old side.
        var removed = file.Lines.Count(changed => changed.Left < line);
        var target = line - removed;
        foreach (var added in file.Lines.Select(static changed => changed.Right).OfType<int>().Order())
        {
            if (added <= target)
            {
                target++;
            }
        }

        return target;
    }
}
