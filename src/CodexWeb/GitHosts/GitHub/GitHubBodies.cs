using System.Text.Json.Serialization;

namespace CodexWeb.GitHosts.GitHub;

// What is sent, named as GitHub's description of its REST interface has it. What is null is left out.
internal sealed record PullBody(string Title, string Body, string Head, string Base, bool Draft);

internal sealed record PullChangeBody(string? Title, string? Body, string? State, string? Base);

internal sealed record ReviewersBody(IReadOnlyList<string> Reviewers, IReadOnlyList<string> TeamReviewers);

internal sealed record ReviewBody(string CommitId, string Event, string? Body, IReadOnlyList<ReviewCommentBody> Comments);

internal sealed record ReviewCommentBody(string Path, int Line, string Side, int? StartLine, string? StartSide, string Body);

internal sealed record CommentBody(string Body);

internal sealed record ReactionBody(string Content);

internal sealed record LabelsBody(IReadOnlyList<string> Labels);

internal sealed record InstallationTokenBody(IReadOnlyList<long>? RepositoryIds);

internal sealed record RevokedTokenBody(string AccessToken)
{
    public override string ToString() => nameof(RevokedTokenBody);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PullBody))]
[JsonSerializable(typeof(PullChangeBody))]
[JsonSerializable(typeof(ReviewersBody))]
[JsonSerializable(typeof(ReviewBody))]
[JsonSerializable(typeof(CommentBody))]
[JsonSerializable(typeof(ReactionBody))]
[JsonSerializable(typeof(LabelsBody))]
[JsonSerializable(typeof(InstallationTokenBody))]
[JsonSerializable(typeof(RevokedTokenBody))]
internal sealed partial class GitHubBodies : JsonSerializerContext;
