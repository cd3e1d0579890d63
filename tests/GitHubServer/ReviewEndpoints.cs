using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>Reviews and comments on lines. A comment stands only on a line that the diff shows.</summary>
internal static class ReviewEndpoints
{
    private const string Pulls = "/repos/{owner}/{name}/pulls";
    private const string Base = Pulls + "/{number:long}";

    public static void Map(ApiRoutes api)
    {
        api.Get(Base + "/reviews", static call => call.Page(PullEndpoints.Of(call).Reviews.Where(review => review.State != "PENDING" || call.Caller is not Caller.Anonymous && review.Author == call.Caller.Author), static review => review.ToJson()));
        api.Post(Base + "/reviews", CreateAsync);
        api.Get(Base + "/reviews/{review:long}", static call => ReviewOf(call).ToJson());
        api.Post(Base + "/reviews/{review:long}/events", SubmitAsync);
        api.Put(Base + "/reviews/{review:long}/dismissals", Dismiss);
        api.Get(Base + "/reviews/{review:long}/comments", static call => call.Page(Comments(PullEndpoints.Of(call)).Where(comment => comment.ReviewId == call.Number("review")), static comment => comment.ToJson()));
        api.Get(Base + "/comments", static call => call.Page(Comments(PullEndpoints.Of(call)).Where(comment => call.Since is not { } since || comment.CreatedAt >= since), static comment => comment.ToJson()));
        api.Post(Base + "/comments", CommentAsync);
        api.Post(Base + "/comments/{comment:long}/replies", static call => ReplyAsync(call, call.Number("comment")));
        api.Get(Pulls + "/comments/{comment:long}", static call => Find(call.Repository(), call.Number("comment")).ToJson());
    }

    public static HostedReviewComment Find(HostedRepository repository, long id) =>
        repository.Pulls.SelectMany(Comments).FirstOrDefault(comment => comment.Id == id) ?? throw Refusal.NotFound();

    private static IEnumerable<HostedReviewComment> Comments(HostedPull pull) => pull.Threads.SelectMany(static thread => thread.Comments).OrderBy(static comment => comment.Id);

    private static HostedReview ReviewOf(ApiCall call) => PullEndpoints.Of(call).Reviews.FirstOrDefault(review => review.Id == call.Number("review")) ?? throw Refusal.NotFound();

    private static async Task<ApiAnswer> CreateAsync(ApiCall call)
    {
        var pull = PullEndpoints.Of(call, writes: "pull_requests");
        var state = StateOf(call.Text("event"), pull, call.Caller.Author);
        var commit = await CommitAsync(call, pull);
        var comments = call.Body["comments"] is JsonArray array ? array.Select(static item => item as JsonObject ?? throw new Refusal(422, "Invalid request.\n\nThe items of \"comments\" must be objects.")).ToList() : [];
        RequireText(state, call.Text("body"), comments.Count);
        var diff = await pull.DiffAsync(commit);
        // All are looked at before any is kept: a review is posted whole or not at all.
        var placed = comments.Select(comment => (Body: Text(comment), Place: PlaceOf(comment, diff, out var at), At: at)).ToList();
        var review = pull.Add(call.Caller.Author, state, call.Text("body") ?? "", commit);
        var written = placed.Select(one => pull.Begin(one.Place, commit, one.At).Add(call.Caller.Author, one.Body, review)).ToList();
        if (state != "PENDING")
        {
            await call.Server.Webhooks.ReviewAsync(review);
            foreach (var comment in written)
            {
                await call.Server.Webhooks.ReviewCommentAsync(comment);
            }
        }

        return review.ToJson();
    }

    private static async Task<ApiAnswer> SubmitAsync(ApiCall call)
    {
        var pending = ReviewOf(call);
        if (pending.State != "PENDING" || pending.Author != call.Caller.Author)
        {
            throw Refusal.Unprocessable("Could not submit pending review");
        }

        var state = StateOf(call.Required("event"), pending.Pull, call.Caller.Author);
        var review = pending with { State = state, Body = call.Text("body") ?? pending.Body, SubmittedAt = call.Server.Now() };
        pending.Pull.Replace(pending, review);
        await call.Server.Webhooks.ReviewAsync(review);
        return review.ToJson();
    }

    private static Task<ApiAnswer> Dismiss(ApiCall call)
    {
        call.Repository(RepositoryRole.Write, "pull_requests");
        _ = call.Required("message");
        var review = ReviewOf(call);
        var dismissed = review with { State = "DISMISSED" };
        review.Pull.Replace(review, dismissed);
        return Task.FromResult<ApiAnswer>(dismissed.ToJson());
    }

    private static async Task<ApiAnswer> CommentAsync(ApiCall call)
    {
        if (call.Whole("in_reply_to") is { } first)
        {
            return await ReplyAsync(call, first);
        }

        var pull = PullEndpoints.Of(call, writes: "pull_requests");
        var body = Text(call.Body);
        _ = call.Required("commit_id");
        var commit = await CommitAsync(call, pull);
        DiffPlace place;
        DiffLine? at;
        try
        {
            place = PlaceOf(call.Body, await pull.DiffAsync(commit), out at);
        }
        catch (Refusal refusal) when (refusal.Status == 422 && refusal.Message == "Unprocessable Entity")
        {
            throw Refusal.Custom("PullRequestReviewComment", "pull_request_review_thread.line must be part of the diff", "pull_request_review_thread.line");
        }

        var review = pull.Add(call.Caller.Author, "COMMENTED", "", commit);
        var comment = pull.Begin(place, commit, at).Add(call.Caller.Author, body, review);
        await call.Server.Webhooks.ReviewCommentAsync(comment);
        return ApiAnswer.Created(comment.ToJson());
    }

    private static async Task<ApiAnswer> ReplyAsync(ApiCall call, long to)
    {
        var pull = PullEndpoints.Of(call, writes: "pull_requests");
        var body = Text(call.Body);
        // Only a thread's first comment can be replied to.
        var thread = pull.Threads.FirstOrDefault(thread => thread.Comments[0].Id == to) ?? throw Refusal.NotFound();
        var comment = thread.Add(call.Caller.Author, body, pull.Add(call.Caller.Author, "COMMENTED", "", pull.HeadSha));
        await call.Server.Webhooks.ReviewCommentAsync(comment);
        return ApiAnswer.Created(comment.ToJson());
    }

    private static string StateOf(string? name, HostedPull pull, HostedAccount author)
    {
        var own = pull.Issue.Author == author;
        return name switch
        {
            null => "PENDING",
            "COMMENT" => "COMMENTED",
            "APPROVE" => own ? throw Refusal.Unprocessable("Can not approve your own pull request") : "APPROVED",
            "REQUEST_CHANGES" => own ? throw Refusal.Unprocessable("Can not request changes on your own pull request") : "CHANGES_REQUESTED",
            _ => throw Refusal.Unprocessable($"Variable $event of type PullRequestReviewEvent was provided invalid value {name}"),
        };
    }

    private static void RequireText(string state, string? body, int comments)
    {
        if (string.IsNullOrWhiteSpace(body) && (state == "CHANGES_REQUESTED" || (state == "COMMENTED" && comments == 0)))
        {
            throw Refusal.Unprocessable("Review body can't be blank");
        }
    }

    private static string Text(JsonObject comment) =>
        comment["body"] is JsonValue value && value.TryGetValue<string>(out var text) && text.Trim().Length > 0 ? text : throw Refusal.NotSupplied("body");

    /// <summary>The commit to review: the head, unless another of the pull request's is named.</summary>
    private static async Task<string> CommitAsync(ApiCall call, HostedPull pull)
    {
        if (call.Text("commit_id") is not { } commit || commit == pull.HeadSha)
        {
            return pull.HeadSha;
        }

        return await pull.Repository.Git.CommitOfAsync(commit) is { } known && known == commit && !await pull.Repository.Git.ContainsAsync(pull.BaseSha, known)
            ? known
            : throw Refusal.Unprocessable("The commit_id is not part of the pull request");
    }

    private static DiffPlace PlaceOf(JsonObject comment, PullDiff diff, out DiffLine? at)
    {
        var path = comment["path"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Refusal.NotSupplied("path");
        var file = diff.File(path) ?? throw Refusal.Unprocessable("Path could not be resolved");
        if (Word(comment, "subject_type") == "file")
        {
            at = null;
            return new DiffPlace(path, Line: null, "RIGHT", StartLine: null, StartSide: null);
        }

        var (side, startSide) = (Side(comment, "side") ?? "RIGHT", Side(comment, "start_side"));
        if (Whole(comment, "position") is { } position)
        {
            at = file.Lines.FirstOrDefault(line => line.Position == position) ?? throw Refusal.Unprocessable("Position could not be resolved");
            return new DiffPlace(path, at.Right ?? at.Left, at.Right is null ? "LEFT" : "RIGHT", StartLine: null, StartSide: null);
        }

        var (last, start) = (Whole(comment, "line") ?? throw Refusal.NotSupplied("line"), Whole(comment, "start_line"));
        at = file.At(last, side) ?? throw Refusal.Unprocessable("Line could not be resolved");
        if (start is { } first)
        {
            startSide ??= side;
            var begin = file.At(first, startSide) ?? throw Refusal.Unprocessable("Start line could not be resolved");
            if (begin.Position >= at.Position)
            {
                throw Refusal.Unprocessable("Start line must precede the end line.");
            }

            if (!at.Hunk.StartsWith(begin.Hunk, StringComparison.Ordinal))
            {
                throw Refusal.Unprocessable("Start line must be part of the same hunk as the line.");
            }
        }

        return new DiffPlace(path, last, side, start, start is null ? null : startSide);
    }

    private static string? Word(JsonObject comment, string field) => comment[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string? Side(JsonObject comment, string field) => Word(comment, field) switch
    {
        null => null,
        "LEFT" or "RIGHT" => Word(comment, field),
        var other => throw Refusal.Unprocessable($"{field} {other} is not a side"),
    };

    private static int? Whole(JsonObject comment, string field) => comment[field] is JsonValue value ? value.TryGetValue<int>(out var number) ? number : throw new Refusal(422, $"Invalid request.\n\nFor 'properties/{field}', {value.ToJsonString()} is not an integer.") : null;
}
