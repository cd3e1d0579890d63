using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A repository as GitHub writes it.</summary>
public sealed partial class HostedRepository
{
    // Field of the address, and the rest of the address after that of the repository.
    private static readonly (string Field, string Remainder)[] Addresses =
    [
        ("archive_url", "/{archive_format}{/ref}"), ("assignees_url", "/assignees{/user}"), ("blobs_url", "/git/blobs{/sha}"), ("branches_url", "/branches{/branch}"),
        ("collaborators_url", "/collaborators{/collaborator}"), ("comments_url", "/comments{/number}"), ("commits_url", "/commits{/sha}"), ("compare_url", "/compare/{base}...{head}"),
        ("contents_url", "/contents/{+path}"), ("contributors_url", "/contributors"), ("deployments_url", "/deployments"), ("downloads_url", "/downloads"), ("events_url", "/events"),
        ("forks_url", "/forks"), ("git_commits_url", "/git/commits{/sha}"), ("git_refs_url", "/git/refs{/sha}"), ("git_tags_url", "/git/tags{/sha}"), ("hooks_url", "/hooks"),
        ("issue_comment_url", "/issues/comments{/number}"), ("issue_events_url", "/issues/events{/number}"), ("issues_url", "/issues{/number}"), ("keys_url", "/keys{/key_id}"),
        ("labels_url", "/labels{/name}"), ("languages_url", "/languages"), ("merges_url", "/merges"), ("milestones_url", "/milestones{/number}"),
        ("notifications_url", "/notifications{?since,all,participating}"), ("pulls_url", "/pulls{/number}"), ("releases_url", "/releases{/id}"), ("stargazers_url", "/stargazers"),
        ("statuses_url", "/statuses/{sha}"), ("subscribers_url", "/subscribers"), ("subscription_url", "/subscription"), ("tags_url", "/tags"), ("teams_url", "/teams"), ("trees_url", "/git/trees{/sha}"),
    ];

    internal string ApiUrl => $"{Server.Api}/repos/{FullName}";

    /// <summary>As it stands in lists and beside other things.</summary>
    /// <param name="role">The caller's; null leaves out <c>permissions</c>, as in webhooks.</param>
    internal JsonObject ToJson(RepositoryRole? role = null)
    {
        var json = new JsonObject
        {
            ["id"] = Id,
            ["node_id"] = $"R_{Id}",
            ["name"] = Name,
            ["full_name"] = FullName,
            ["private"] = Private,
            ["owner"] = Owner.ToJson(),
            ["html_url"] = Page.ToString(),
            ["description"] = Description,
            ["fork"] = Parent is not null,
            ["url"] = ApiUrl,
        };
        foreach (var (field, rest) in Addresses)
        {
            json[field] = ApiUrl + rest;
        }

        json["created_at"] = Wire.Time(CreatedAt);
        json["updated_at"] = Wire.Time(PushedAt);
        json["pushed_at"] = Wire.Time(PushedAt);
        json["git_url"] = $"git://{Server.Web.Authority}/{FullName}.git";
        json["ssh_url"] = $"git@{Server.Web.Host}:{FullName}.git";
        json["clone_url"] = CloneUrl.ToString();
        json["svn_url"] = Page.ToString();
        foreach (var field in (string[])["homepage", "language", "mirror_url", "license"])
        {
            json[field] = null;
        }

        foreach (var field in (string[])["size", "stargazers_count", "watchers_count", "watchers", "forks_count", "forks"])
        {
            json[field] = 0;
        }

        var open = Pulls.Count(static pull => pull.IsOpen) + Issues.Count(static issue => issue.State == "open");
        json["open_issues_count"] = open;
        json["open_issues"] = open;
        foreach (var (field, value) in (ReadOnlySpan<(string, bool)>)
        [
            ("has_issues", true), ("has_projects", true), ("has_downloads", true), ("has_wiki", true), ("has_pages", false), ("has_discussions", false),
            ("archived", Archived), ("disabled", false), ("allow_forking", true), ("is_template", false), ("web_commit_signoff_required", false),
        ])
        {
            json[field] = value;
        }

        json["topics"] = new JsonArray();
        json["visibility"] = Private ? "private" : "public";
        json["default_branch"] = DefaultBranch;
        if (role is { } known)
        {
            json["permissions"] = Permissions(known);
        }

        return json;
    }

    /// <summary>The repository alone, with what lists leave out.</summary>
    internal JsonObject ToFullJson(RepositoryRole role)
    {
        var json = ToJson(role);
        json["network_count"] = 0;
        json["subscribers_count"] = 0;
        json["allow_merge_commit"] = true;
        json["allow_squash_merge"] = AllowsSquash;
        json["allow_rebase_merge"] = false;
        if (Parent is { } parent)
        {
            json["parent"] = parent.ToJson();
            json["source"] = parent.ToJson();
        }

        return json;
    }

    internal static JsonObject Permissions(RepositoryRole role) => new()
    {
        ["admin"] = role >= RepositoryRole.Admin,
        ["maintain"] = role >= RepositoryRole.Maintain,
        ["push"] = role >= RepositoryRole.Write,
        ["triage"] = role >= RepositoryRole.Triage,
        ["pull"] = role >= RepositoryRole.Read,
    };
}
