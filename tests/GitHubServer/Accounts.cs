using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>What an account is, in GitHub's words.</summary>
public enum AccountKind
{
    User,
    Organization,
    Bot,
}

/// <summary>A person, an organisation, or the bot of an App.</summary>
public sealed class HostedAccount
{
    private ImmutableList<HostedAccount> _members = [];

    internal HostedAccount(GitHubServer server, long id, string login, AccountKind kind)
    {
        Server = server;
        Id = id;
        Login = login;
        Kind = kind;
        CreatedAt = server.Now();
    }

    public long Id { get; }

    public string Login { get; }

    public AccountKind Kind { get; }

    /// <summary>The name people read. Null: none given.</summary>
    public string? Name { get; set; }

    /// <summary>The people of an organisation.</summary>
    public IReadOnlyList<HostedAccount> Members => _members;

    internal GitHubServer Server { get; }

    internal DateTimeOffset CreatedAt { get; }

    internal string NodeId => $"{(Kind == AccountKind.Organization ? "O" : "U")}_{Id}";

    /// <summary>Adds a person to an organisation. That alone opens no repository: <see cref="HostedRepository.Allow"/> does.</summary>
    public void AddMember(HostedAccount member) => ImmutableInterlocked.Update(ref _members, list => list.Contains(member) ? list : list.Add(member));

    internal JsonObject ToJson()
    {
        var api = $"{Server.Api}/users/{Login}";
        return new JsonObject
        {
            ["login"] = Login,
            ["id"] = Id,
            ["node_id"] = NodeId,
            ["avatar_url"] = $"{Server.Web}avatars/u/{Id}?v=4",
            ["gravatar_id"] = "",
            ["url"] = api,
            ["html_url"] = $"{Server.Web}{Login}",
            ["followers_url"] = $"{api}/followers",
            ["following_url"] = $"{api}/following{{/other_user}}",
            ["gists_url"] = $"{api}/gists{{/gist_id}}",
            ["starred_url"] = $"{api}/starred{{/owner}}{{/repo}}",
            ["subscriptions_url"] = $"{api}/subscriptions",
            ["organizations_url"] = $"{api}/orgs",
            ["repos_url"] = $"{api}/repos",
            ["events_url"] = $"{api}/events{{/privacy}}",
            ["received_events_url"] = $"{api}/received_events",
            ["type"] = Kind.ToString(),
            ["user_view_type"] = "public",
            ["site_admin"] = false,
        };
    }

    /// <summary>The whole account, as its owner gets it.</summary>
    internal JsonObject ToPrivateJson()
    {
        var json = ToJson();
        json["name"] = Name;
        foreach (var field in (string[])["company", "email", "hireable", "location", "bio"])
        {
            json[field] = null;
        }

        json["blog"] = "";
        foreach (var field in (string[])["public_repos", "public_gists", "followers", "following", "private_gists", "total_private_repos", "owned_private_repos", "disk_usage", "collaborators"])
        {
            json[field] = 0;
        }

        json["two_factor_authentication"] = true;
        json["created_at"] = Wire.Time(CreatedAt);
        json["updated_at"] = Wire.Time(CreatedAt);
        return json;
    }

    /// <summary>The whole organisation, as everybody gets it.</summary>
    internal JsonObject ToPublicOrganisationJson()
    {
        var json = ToOrganisationJson();
        json["html_url"] = $"{Server.Web}{Login}";
        json["type"] = Kind.ToString();
        json["has_organization_projects"] = true;
        json["has_repository_projects"] = true;
        foreach (var field in (string[])["public_repos", "public_gists", "followers", "following"])
        {
            json[field] = 0;
        }

        json["created_at"] = Wire.Time(CreatedAt);
        json["updated_at"] = Wire.Time(CreatedAt);
        json["archived_at"] = null;
        return json;
    }

    /// <summary>The organisation in short.</summary>
    internal JsonObject ToOrganisationJson()
    {
        var api = $"{Server.Api}/orgs/{Login}";
        return new JsonObject
        {
            ["login"] = Login,
            ["id"] = Id,
            ["node_id"] = NodeId,
            ["url"] = api,
            ["repos_url"] = $"{api}/repos",
            ["events_url"] = $"{api}/events",
            ["hooks_url"] = $"{api}/hooks",
            ["issues_url"] = $"{api}/issues",
            ["members_url"] = $"{api}/members{{/member}}",
            ["public_members_url"] = $"{api}/public_members{{/member}}",
            ["avatar_url"] = $"{Server.Web}avatars/u/{Id}?v=4",
            ["description"] = Name,
        };
    }
}
