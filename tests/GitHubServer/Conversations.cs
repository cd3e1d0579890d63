using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>The issues and pull requests of a repository, and their labels.</summary>
public sealed partial class HostedRepository
{
    private readonly Lock _numbering = new();
    private ImmutableList<HostedIssue> _conversations = [];
    private ImmutableSortedDictionary<string, (long Id, string Color, string? Description)> _labels = ImmutableSortedDictionary<string, (long, string, string?)>.Empty.WithComparers(StringComparer.OrdinalIgnoreCase);

    /// <summary>Issues that are no pull requests.</summary>
    public IEnumerable<HostedIssue> Issues => _conversations.Where(static issue => issue.Pull is null);

    /// <summary>Pull requests, the first first.</summary>
    public IEnumerable<HostedPull> Pulls => _conversations.Select(static issue => issue.Pull).OfType<HostedPull>();

    internal IEnumerable<HostedIssue> Conversations => _conversations;

    /// <summary>The issue or pull request of a number.</summary>
    public HostedIssue Issue(int number) => FindIssue(number) ?? throw new ArgumentException($"{FullName} has no issue #{number}.", nameof(number));

    /// <summary>The pull request of a number.</summary>
    public HostedPull Pull(int number) => FindIssue(number)?.Pull ?? throw new ArgumentException($"{FullName} has no pull request #{number}.", nameof(number));

    /// <summary>Adds a label to choose from.</summary>
    public void AddLabel(string name, string color = "ededed", string? description = null) =>
        ImmutableInterlocked.Update(ref _labels, labels => labels.ContainsKey(name) ? labels : labels.Add(name, (Server.NextId(), color, description)));

    /// <summary>Opens an issue.</summary>
    public async Task<HostedIssue> OpenIssueAsync(HostedAccount author, string title, string? body, params string[] labels)
    {
        var issue = AddConversation(author, title, body);
        issue.Labels = [.. labels];
        foreach (var label in labels)
        {
            AddLabel(label);
        }

        await Server.Webhooks.IssueAsync("opened", issue, author);
        return issue;
    }

    /// <summary>Opens a pull request.</summary>
    /// <param name="head">A branch here, or <c>owner:branch</c> of a fork.</param>
    public async Task<HostedPull> OpenPullAsync(HostedAccount author, string title, string head, string? @base = null, string? body = null, bool draft = false)
    {
        var (headRepository, headBranch) = head.Split(':', 2) is [var owner, var branch]
            ? (Server.Repositories.FirstOrDefault(fork => (fork == this || fork.Parent == this) && fork.Owner.Login == owner) ?? throw Refusal.Invalid("PullRequest", "head"), branch)
            : (this, head);
        var into = @base ?? DefaultBranch;
        var baseSha = await HeadAsync(into) ?? throw Refusal.Invalid("PullRequest", "base");
        var headSha = await headRepository.HeadAsync(headBranch) ?? throw Refusal.Invalid("PullRequest", "head");
        if (Pulls.Any(pull => pull.IsOpen && pull.HeadRepository == headRepository && pull.HeadBranch == headBranch && pull.BaseBranch == into))
        {
            throw Refusal.Custom("PullRequest", $"A pull request already exists for {headRepository.Owner.Login}:{headBranch}.");
        }

        if (headRepository == this && await Git.ContainsAsync(baseSha, headSha))
        {
            throw Refusal.Custom("PullRequest", $"No commits between {into} and {headBranch}");
        }

        var issue = AddConversation(author, title, body, (number, conversation) => new HostedPull(conversation, headRepository, headBranch, into) { Draft = draft });
        await issue.Pull!.TakeAsync(headSha, baseSha);
        await Server.Webhooks.PullAsync("opened", issue.Pull, author);
        return issue.Pull;
    }

    /// <summary>Writes a comment into the conversation of an issue or pull request.</summary>
    public async Task<HostedComment> AddCommentAsync(int number, HostedAccount author, string body)
    {
        var comment = Issue(number).Add(author, body);
        await Server.Webhooks.CommentAsync("created", comment, author);
        return comment;
    }

    internal HostedIssue? FindIssue(long number) => _conversations.Find(issue => issue.Number == number);

    internal HostedIssue AddConversation(HostedAccount author, string title, string? body, Func<int, HostedIssue, HostedPull>? pull = null)
    {
        lock (_numbering)
        {
            var issue = new HostedIssue(this, _conversations.Count + 1, author, title, body);
            issue.Pull = pull?.Invoke(issue.Number, issue);
            _conversations = _conversations.Add(issue);
            return issue;
        }
    }

    internal IEnumerable<string> LabelNames => _labels.Keys;

    internal JsonArray LabelsJson(IEnumerable<string> names) => Wire.Array(names.Select(name => (JsonNode?)LabelJson(name)));

    internal JsonObject LabelJson(string name)
    {
        AddLabel(name);
        var (id, color, description) = _labels[name];
        return new JsonObject
        {
            ["id"] = id,
            ["node_id"] = $"LA_{id}",
            ["url"] = $"{ApiUrl}/labels/{Uri.EscapeDataString(name)}",
            ["name"] = name,
            ["color"] = color,
            ["default"] = false,
            ["description"] = description,
        };
    }

    /// <summary>What an author is to the repository, as it is written beside comments.</summary>
    internal string AssociationOf(HostedAccount account) =>
        account.Id == Owner.Id ? "OWNER"
        : Owner.Members.Contains(account) ? "MEMBER"
        : Collaborators.Any(pair => pair.Account.Id == account.Id) ? "COLLABORATOR"
        : "NONE";
}
