using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>An issue, or the side of a pull request that is one: title, text, conversation.</summary>
public sealed class HostedIssue
{
    private ImmutableList<HostedComment> _comments = [];

    internal HostedIssue(HostedRepository repository, int number, HostedAccount author, string title, string? body)
    {
        Repository = repository;
        Id = repository.Server.NextId();
        Number = number;
        Author = author;
        Title = title;
        Body = body;
        CreatedAt = UpdatedAt = repository.Server.Now();
    }

    public HostedRepository Repository { get; }

    public long Id { get; }

    public int Number { get; }

    public HostedAccount Author { get; }

    public string Title { get; internal set; }

    public string? Body { get; internal set; }

    /// <summary><c>open</c> or <c>closed</c>.</summary>
    public string State { get; internal set; } = "open";

    /// <summary>The pull request this is a side of; null when it is an issue alone.</summary>
    public HostedPull? Pull { get; internal set; }

    public ImmutableList<string> Labels { get; internal set; } = [];

    public ImmutableList<HostedAccount> Assignees { get; internal set; } = [];

    public IReadOnlyList<HostedComment> Comments => _comments;

    public Reactions Reactions { get; } = new();

    internal DateTimeOffset CreatedAt { get; }

    internal DateTimeOffset UpdatedAt { get; private set; }

    internal DateTimeOffset? ClosedAt { get; set; }

    internal string ApiUrl => $"{Repository.ApiUrl}/issues/{Number}";

    internal string PageUrl => $"{Repository.Page}/{(Pull is null ? "issues" : "pull")}/{Number}";

    internal void Touch() => UpdatedAt = Repository.Server.Now();

    internal HostedComment Add(HostedAccount author, string body)
    {
        var comment = new HostedComment(this, author, body);
        ImmutableInterlocked.Update(ref _comments, list => list.Add(comment));
        Touch();
        return comment;
    }

    internal void Remove(HostedComment comment) => ImmutableInterlocked.Update(ref _comments, list => list.Remove(comment));

    internal JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["url"] = ApiUrl,
            ["repository_url"] = Repository.ApiUrl,
            ["labels_url"] = $"{ApiUrl}/labels{{/name}}",
            ["comments_url"] = $"{ApiUrl}/comments",
            ["events_url"] = $"{ApiUrl}/events",
            ["html_url"] = PageUrl,
            ["id"] = Id,
            ["node_id"] = $"I_{Id}",
            ["number"] = Number,
            ["title"] = Title,
            ["user"] = Author.ToJson(),
            ["labels"] = Repository.LabelsJson(Labels),
            ["state"] = State,
            ["locked"] = false,
            ["assignee"] = Assignees.FirstOrDefault()?.ToJson(),
            ["assignees"] = Wire.Array(Assignees.Select(static account => (JsonNode?)account.ToJson())),
            ["milestone"] = null,
            ["comments"] = Comments.Count,
            ["created_at"] = Wire.Time(CreatedAt),
            ["updated_at"] = Wire.Time(UpdatedAt),
            ["closed_at"] = Wire.Time(ClosedAt),
            ["author_association"] = Repository.AssociationOf(Author),
            ["active_lock_reason"] = null,
            ["body"] = Body,
            ["reactions"] = Reactions.Summary($"{ApiUrl}/reactions"),
            ["timeline_url"] = $"{ApiUrl}/timeline",
            ["performed_via_github_app"] = null,
            ["state_reason"] = State == "closed" ? "completed" : null,
        };
        if (Pull is { } pull)
        {
            json["draft"] = pull.Draft;
            json["pull_request"] = new JsonObject { ["url"] = pull.ApiUrl, ["html_url"] = PageUrl, ["diff_url"] = $"{PageUrl}.diff", ["patch_url"] = $"{PageUrl}.patch", ["merged_at"] = Wire.Time(pull.MergedAt) };
        }

        return json;
    }
}

/// <summary>A comment in the conversation of an issue or pull request.</summary>
public sealed class HostedComment
{
    internal HostedComment(HostedIssue issue, HostedAccount author, string body)
    {
        Issue = issue;
        Id = issue.Repository.Server.NextId();
        Author = author;
        Body = body;
        CreatedAt = UpdatedAt = issue.Repository.Server.Now();
    }

    public HostedIssue Issue { get; }

    public long Id { get; }

    public HostedAccount Author { get; }

    public string Body { get; private set; }

    public Reactions Reactions { get; } = new();

    internal DateTimeOffset CreatedAt { get; }

    internal DateTimeOffset UpdatedAt { get; private set; }

    internal void Write(string body)
    {
        Body = body;
        UpdatedAt = Issue.Repository.Server.Now();
    }

    internal JsonObject ToJson()
    {
        var url = $"{Issue.Repository.ApiUrl}/issues/comments/{Id}";
        return new JsonObject
        {
            ["url"] = url,
            ["html_url"] = $"{Issue.PageUrl}#issuecomment-{Id}",
            ["issue_url"] = Issue.ApiUrl,
            ["id"] = Id,
            ["node_id"] = $"IC_{Id}",
            ["user"] = Author.ToJson(),
            ["created_at"] = Wire.Time(CreatedAt),
            ["updated_at"] = Wire.Time(UpdatedAt),
            ["author_association"] = Issue.Repository.AssociationOf(Author),
            ["body"] = Body,
            ["reactions"] = Reactions.Summary($"{url}/reactions"),
            ["performed_via_github_app"] = null,
        };
    }
}

/// <summary>Thumbs and hearts on something.</summary>
public sealed class Reactions
{
    internal static readonly string[] Known = ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"];

    private ImmutableList<(long Id, HostedAccount Author, string Content, DateTimeOffset At)> _all = [];

    /// <summary>Who reacted, and how.</summary>
    public IReadOnlyList<(HostedAccount Author, string Content)> All => [.. _all.Select(static reaction => (reaction.Author, reaction.Content))];

    /// <summary>Adds a reaction, once for each author.</summary>
    /// <returns>It, and whether it is new.</returns>
    internal (JsonObject Json, bool New) Add(GitHubServer server, HostedAccount author, string content)
    {
        var known = _all.Find(reaction => reaction.Author == author && reaction.Content == content);
        var isNew = known.Content is null;
        if (isNew)
        {
            known = (server.NextId(), author, content, server.Now());
            ImmutableInterlocked.Update(ref _all, list => list.Add(known));
        }

        return (ToJson(known), isNew);
    }

    internal IEnumerable<JsonObject> ToJson() => _all.Select(ToJson);

    internal JsonObject Summary(string url)
    {
        var json = new JsonObject { ["url"] = url, ["total_count"] = _all.Count };
        foreach (var content in Known)
        {
            json[content] = _all.Count(reaction => reaction.Content == content);
        }

        return json;
    }

    private static JsonObject ToJson((long Id, HostedAccount Author, string Content, DateTimeOffset At) reaction) => new()
    {
        ["id"] = reaction.Id,
        ["node_id"] = $"REA_{reaction.Id}",
        ["user"] = reaction.Author.ToJson(),
        ["content"] = reaction.Content,
        ["created_at"] = Wire.Time(reaction.At),
    };
}
