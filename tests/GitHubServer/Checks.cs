using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A remark of a check on lines of a file.</summary>
/// <param name="Level"><c>notice</c>, <c>warning</c> or <c>failure</c>.</param>
public sealed record CheckAnnotation(string Path, int StartLine, int EndLine, string Level, string Message, string? Title = null);

/// <summary>A run of a check on a commit.</summary>
/// <param name="Conclusion">Null: it has not ended yet.</param>
public sealed record HostedCheckRun(HostedRepository Repository, long Id, string Commit, string Name, string? Conclusion, string? Title, string? Summary, ImmutableList<CheckAnnotation> Annotations, DateTimeOffset StartedAt, DateTimeOffset? CompletedAt)
{
    internal JsonObject ToJson()
    {
        var url = $"{Repository.ApiUrl}/check-runs/{Id}";
        return new JsonObject
        {
            ["id"] = Id,
            ["name"] = Name,
            ["node_id"] = $"CR_{Id}",
            ["head_sha"] = Commit,
            ["external_id"] = "",
            ["url"] = url,
            ["html_url"] = $"{Repository.Page}/runs/{Id}",
            ["details_url"] = $"{Repository.Page}/runs/{Id}",
            ["status"] = Conclusion is null ? "in_progress" : "completed",
            ["conclusion"] = Conclusion,
            ["started_at"] = Wire.Time(StartedAt),
            ["completed_at"] = Wire.Time(CompletedAt),
            ["output"] = new JsonObject { ["title"] = Title, ["summary"] = Summary, ["text"] = null, ["annotations_count"] = Annotations.Count, ["annotations_url"] = $"{url}/annotations" },
            ["check_suite"] = new JsonObject { ["id"] = Repository.Id },
            ["app"] = null,
            ["pull_requests"] = Repository.PullsAt(Commit),
        };
    }

    internal static JsonObject ToJson(CheckAnnotation annotation, HostedCheckRun run) => new()
    {
        ["path"] = annotation.Path,
        ["blob_href"] = $"{run.Repository.Page}/blob/{run.Commit}/{annotation.Path}",
        ["start_line"] = annotation.StartLine,
        ["end_line"] = annotation.EndLine,
        ["start_column"] = null,
        ["end_column"] = null,
        ["annotation_level"] = annotation.Level,
        ["title"] = annotation.Title,
        ["message"] = annotation.Message,
        ["raw_details"] = null,
    };
}

/// <summary>A status that a service set on a commit, the older way.</summary>
public sealed record HostedStatus(HostedRepository Repository, long Id, string Commit, string Context, string State, string? Description, HostedAccount Creator, DateTimeOffset At)
{
    internal JsonObject ToJson(bool withCreator)
    {
        var json = new JsonObject
        {
            ["url"] = $"{Repository.ApiUrl}/statuses/{Commit}",
            ["avatar_url"] = null,
            ["id"] = Id,
            ["node_id"] = $"SC_{Id}",
            ["state"] = State,
            ["description"] = Description,
            ["target_url"] = $"{Repository.Server.Web}ci/{Id}",
            ["context"] = Context,
            ["created_at"] = Wire.Time(At),
            ["updated_at"] = Wire.Time(At),
        };
        if (withCreator)
        {
            json["creator"] = Creator.ToJson();
        }

        return json;
    }
}

/// <summary>The checks and statuses of a repository's commits.</summary>
public sealed partial class HostedRepository
{
    private static readonly string[] Good = ["success", "neutral", "skipped"];

    private ImmutableList<HostedCheckRun> _checks = [];
    private ImmutableList<HostedStatus> _statuses = [];

    /// <summary>Every run of every check.</summary>
    public IReadOnlyList<HostedCheckRun> Checks => _checks;

    internal IReadOnlyList<HostedStatus> Statuses => _statuses;

    /// <summary>Starts a check on a commit, or ends the one that runs there under this name. One that has ended is run again.</summary>
    /// <param name="conclusion"><c>success</c>, <c>failure</c> and so on. Null: it is running.</param>
    public async Task<HostedCheckRun> SetCheckAsync(string commit, string name, string? conclusion, string? title = null, string? summary = null, params CheckAnnotation[] annotations)
    {
        var running = _checks.Find(check => check.Commit == commit && check.Name == name && check.Conclusion is null);
        var now = Server.Now();
        var run = new HostedCheckRun(this, running?.Id ?? Server.NextId(), commit, name, conclusion, title, summary, [.. annotations], running?.StartedAt ?? now, conclusion is null ? null : now);
        ImmutableInterlocked.Update(ref _checks, list => running is null ? list.Add(run) : list.Replace(running, run));
        await Server.Webhooks.CheckAsync(conclusion is null ? "created" : "completed", run);
        return run;
    }

    /// <summary>Sets a status on a commit.</summary>
    /// <param name="state"><c>pending</c>, <c>success</c>, <c>failure</c> or <c>error</c>.</param>
    public async Task<HostedStatus> SetStatusAsync(string commit, string context, string state, string? description = null)
    {
        var status = new HostedStatus(this, Server.NextId(), commit, context, state, description, Somebody, Server.Now());
        ImmutableInterlocked.Update(ref _statuses, list => list.Add(status));
        await Server.Webhooks.StatusAsync(status);
        return status;
    }

    /// <summary>The last run of every check of a commit.</summary>
    internal IEnumerable<HostedCheckRun> LastChecks(string commit) => _checks.Where(check => check.Commit == commit).GroupBy(static check => check.Name, StringComparer.Ordinal).Select(static runs => runs.Last());

    /// <summary>The last status of every context of a commit.</summary>
    internal IEnumerable<HostedStatus> LastStatuses(string commit) => _statuses.Where(status => status.Commit == commit).GroupBy(static status => status.Context, StringComparer.Ordinal).Select(static all => all.Last());

    internal bool IsUnstable(string commit) =>
        LastChecks(commit).Any(static check => check.Conclusion is null || !Good.Contains(check.Conclusion, StringComparer.Ordinal)) || LastStatuses(commit).Any(static status => status.State != "success");

    /// <summary>The pull requests that a commit is the head of, in short.</summary>
    internal JsonArray PullsAt(string commit) => Wire.Array(Pulls.Where(pull => pull.IsOpen && pull.HeadSha == commit && pull.HeadRepository == this).Select(pull => (JsonNode?)new JsonObject
    {
        ["id"] = pull.Id,
        ["number"] = pull.Number,
        ["url"] = pull.ApiUrl,
        ["head"] = new JsonObject { ["ref"] = pull.HeadBranch, ["sha"] = pull.HeadSha, ["repo"] = new JsonObject { ["id"] = Id, ["url"] = ApiUrl, ["name"] = Name } },
        ["base"] = new JsonObject { ["ref"] = pull.BaseBranch, ["sha"] = pull.BaseSha, ["repo"] = new JsonObject { ["id"] = Id, ["url"] = ApiUrl, ["name"] = Name } },
    }));
}

/// <summary>Check runs and statuses, as they are read.</summary>
internal static class CheckEndpoints
{
    public static void Map(ApiRoutes api)
    {
        const string Base = "/repos/{owner}/{name}";
        api.Get(Base + "/commits/{reference}/check-runs", RunsAsync);
        api.Get(Base + "/check-runs/{run:long}", static call => RunOf(call).ToJson());
        api.Get(Base + "/check-runs/{run:long}/annotations", static call => RunOf(call) is var run ? call.Page(run.Annotations, annotation => HostedCheckRun.ToJson(annotation, run)) : throw Refusal.NotFound());
        api.Get(Base + "/commits/{reference}/status", CombinedAsync);
        api.Get(Base + "/commits/{reference}/statuses", StatusesAsync);
    }

    private static HostedCheckRun RunOf(ApiCall call) => call.Repository().Checks.FirstOrDefault(run => run.Id == call.Number("run")) ?? throw Refusal.NotFound();

    private static async Task<ApiAnswer> RunsAsync(ApiCall call)
    {
        var repository = call.Repository();
        var commit = await CommitEndpoints.ResolveAsync(repository, call.Route("reference"));
        var runs = (call.Query("filter") == "all" ? repository.Checks.Where(run => run.Commit == commit) : repository.LastChecks(commit))
            .Where(run => call.Query("check_name") is not { } name || name == run.Name)
            .Where(run => call.Query("status") is not { } status || status == (run.Conclusion is null ? "in_progress" : "completed"))
            .ToList();
        return new JsonObject { ["total_count"] = runs.Count, ["check_runs"] = call.Page(runs, static run => run.ToJson()) };
    }

    private static async Task<ApiAnswer> CombinedAsync(ApiCall call)
    {
        var repository = call.Repository();
        var commit = await CommitEndpoints.ResolveAsync(repository, call.Route("reference"));
        var statuses = repository.LastStatuses(commit).ToList();
        return new JsonObject
        {
            ["state"] = statuses.Exists(static status => status.State is "failure" or "error") ? "failure" : statuses.Count == 0 || statuses.Exists(static status => status.State == "pending") ? "pending" : "success",
            ["statuses"] = call.Page(statuses, static status => status.ToJson(withCreator: false)),
            ["sha"] = commit,
            ["total_count"] = statuses.Count,
            ["repository"] = repository.ToJson(),
            ["commit_url"] = $"{repository.ApiUrl}/commits/{commit}",
            ["url"] = $"{repository.ApiUrl}/commits/{commit}/status",
        };
    }

    private static async Task<ApiAnswer> StatusesAsync(ApiCall call)
    {
        var repository = call.Repository();
        var commit = await CommitEndpoints.ResolveAsync(repository, call.Route("reference"));
        return call.Page(repository.Statuses.Where(status => status.Commit == commit).Reverse(), static status => status.ToJson(withCreator: true));
    }
}
