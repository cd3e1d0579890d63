using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A pull request as GitHub writes it.</summary>
public sealed partial class HostedPull
{
    /// <summary>As it stands in a list.</summary>
    internal JsonObject ToJson()
    {
        JsonObject Link(string url) => new() { ["href"] = url };
        var statuses = $"{Repository.ApiUrl}/statuses/{HeadSha}";
        return new JsonObject
        {
            ["url"] = ApiUrl,
            ["id"] = Id,
            ["node_id"] = NodeId,
            ["html_url"] = Issue.PageUrl,
            ["diff_url"] = $"{Issue.PageUrl}.diff",
            ["patch_url"] = $"{Issue.PageUrl}.patch",
            ["issue_url"] = Issue.ApiUrl,
            ["number"] = Number,
            ["state"] = Issue.State,
            ["locked"] = false,
            ["title"] = Title,
            ["user"] = Issue.Author.ToJson(),
            ["body"] = Body,
            ["created_at"] = Wire.Time(Issue.CreatedAt),
            ["updated_at"] = Wire.Time(Issue.UpdatedAt),
            ["closed_at"] = Wire.Time(Issue.ClosedAt),
            ["merged_at"] = Wire.Time(MergedAt),
            ["merge_commit_sha"] = MergeCommit,
            ["assignee"] = Issue.Assignees.FirstOrDefault()?.ToJson(),
            ["assignees"] = Wire.Array(Issue.Assignees.Select(static account => (JsonNode?)account.ToJson())),
            ["requested_reviewers"] = Wire.Array(RequestedReviewers.Select(static account => (JsonNode?)account.ToJson())),
            ["requested_teams"] = new JsonArray(),
            ["labels"] = Repository.LabelsJson(Issue.Labels),
            ["milestone"] = null,
            ["draft"] = Draft,
            ["commits_url"] = $"{ApiUrl}/commits",
            ["review_comments_url"] = $"{ApiUrl}/comments",
            ["review_comment_url"] = $"{Repository.ApiUrl}/pulls/comments{{/number}}",
            ["comments_url"] = $"{Issue.ApiUrl}/comments",
            ["statuses_url"] = statuses,
            ["head"] = EndJson(HeadRepository, HeadBranch, HeadSha),
            ["base"] = EndJson(Repository, BaseBranch, BaseSha),
            ["_links"] = new JsonObject
            {
                ["self"] = Link(ApiUrl),
                ["html"] = Link(Issue.PageUrl),
                ["issue"] = Link(Issue.ApiUrl),
                ["comments"] = Link($"{Issue.ApiUrl}/comments"),
                ["review_comments"] = Link($"{ApiUrl}/comments"),
                ["review_comment"] = Link($"{Repository.ApiUrl}/pulls/comments{{/number}}"),
                ["commits"] = Link($"{ApiUrl}/commits"),
                ["statuses"] = Link(statuses),
            },
            ["author_association"] = Repository.AssociationOf(Issue.Author),
            ["auto_merge"] = null,
            ["active_lock_reason"] = null,
        };
    }

    /// <summary>As it stands alone, and in webhooks.</summary>
    internal async Task<JsonObject> ToFullJsonAsync()
    {
        var json = ToJson();
        var diff = await DiffAsync();
        var unknown = AnswersBeforeMergeabilityIsKnown > 0;
        if (unknown)
        {
            AnswersBeforeMergeabilityIsKnown--;
        }

        var mergeable = !IsOpen || unknown ? (bool?)null : await TreeAsync() is not null;
        json["merged"] = Merged;
        json["mergeable"] = mergeable;
        json["rebaseable"] = mergeable;
        json["mergeable_state"] = mergeable switch
        {
            null => "unknown",
            false => "dirty",
            _ when Draft => "draft",
            _ when Repository.IsUnstable(HeadSha) => "unstable",
            _ => "clean",
        };
        json["merged_by"] = MergedBy?.ToJson();
        json["comments"] = Issue.Comments.Count;
        json["review_comments"] = Threads.Sum(static thread => thread.Comments.Count);
        json["maintainer_can_modify"] = HeadRepository != Repository;
        json["commits"] = await Repository.Git.CountAsync($"{BaseSha}..{HeadSha}");
        json["additions"] = diff.Files.Sum(static file => file.Additions);
        json["deletions"] = diff.Files.Sum(static file => file.Deletions);
        json["changed_files"] = diff.Files.Count;
        return json;
    }

    private JsonObject EndJson(HostedRepository repository, string branch, string sha) => new()
    {
        ["label"] = $"{repository.Owner.Login}:{branch}",
        ["ref"] = branch,
        ["sha"] = sha,
        ["user"] = repository.Owner.ToJson(),
        // A fork that was deleted is nowhere any more.
        ["repo"] = Repository.Server.Find(repository.Id)?.ToJson(),
    };
}
