using CodexWeb.Data;

namespace CodexWeb.Review;

/// <summary>What a pull request would be, before it is opened or updated.</summary>
/// <param name="Attempt">The attempt whose work it has.</param>
/// <param name="Base">The branch it goes to.</param>
/// <param name="Branch">The branch it comes from.</param>
/// <param name="Draft">True when the open one is a draft.</param>
/// <param name="Conflicts">Paths that conflict with the newest base; empty when it can be merged.</param>
/// <param name="IsBehind">True when the base has commits the work lacks.</param>
/// <param name="Template">Path of the repository's template the text follows; null for none.</param>
/// <param name="Number">The pull request there is already, this server's or another's for the same branch; null for none.</param>
/// <param name="TouchesWorkflows">True when the change has files of <c>.github/workflows/</c>, which run with the repository's secrets.</param>
public sealed record PullRequestProposal(
    AttemptId Attempt,
    string Title,
    string Body,
    string Base,
    string Branch,
    bool Draft,
    IReadOnlyList<string> Conflicts,
    bool IsBehind,
    string? Template,
    int? Number,
    bool TouchesWorkflows);

/// <summary>What to open, or to change of one that is open.</summary>
/// <param name="AttemptId">Null for the attempt that was pushed last, else the only one that changed files.</param>
/// <param name="Title">1 to 200 characters on one line; null for a proposed one, or to leave it as it is at the host.</param>
/// <param name="Body">Markdown, at most 60,000 characters; null as above.</param>
/// <param name="Base">The branch to merge into; null for the one the task started from, or to leave it.</param>
/// <param name="Draft">Null for ready, or to leave it.</param>
/// <param name="Labels">Labels to add.</param>
/// <param name="Reviewers">People to ask; <c>organisation/team</c> for a team.</param>
public sealed record PullRequestRequest(
    AttemptId? AttemptId = null,
    string? Title = null,
    string? Body = null,
    string? Base = null,
    bool? Draft = null,
    IReadOnlyList<string>? Labels = null,
    IReadOnlyList<string>? Reviewers = null)
{
    private const int LongestTitle = 200;
    private const int MostNames = 50;
    private const int LongestName = 100;

    /// <summary>What cannot be taken, by field.</summary>
    internal IReadOnlyDictionary<string, string> FindErrors()
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Title is not null && (string.IsNullOrWhiteSpace(Title) || Title.Length > LongestTitle || Title.Any(char.IsControl)))
        {
            errors["title"] = $"The title is one line of 1 to {LongestTitle} characters.";
        }

        if (Body is { Length: > PullRequestText.LongestBody })
        {
            errors["body"] = "The text may have 60,000 characters at most.";
        }

        if (Base is not null && !Agent.Workspaces.BranchName.IsValid(Base))
        {
            errors["base"] = "This cannot be the name of a branch.";
        }

        foreach (var (field, names) in new[] { ("labels", Labels), ("reviewers", Reviewers) })
        {
            if (names is not null && (names.Count > MostNames || names.Any(name => string.IsNullOrWhiteSpace(name) || name.Length > LongestName)))
            {
                errors[field] = $"At most {MostNames} {field}, each of 1 to {LongestName} characters.";
            }
        }

        return errors;
    }
}

/// <summary>What there is to choose from.</summary>
/// <param name="Problem">Why a list is empty, with what to do; null when both were read.</param>
public sealed record PullRequestChoices(IReadOnlyList<string> Labels, IReadOnlyList<string> Reviewers, string? Problem);
