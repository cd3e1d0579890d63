using System.Text.Json;
using System.Text.Json.Serialization;

namespace CodexWeb.Tasks;

/// <summary>One check of a pull request's newest commit.</summary>
/// <param name="State"><c>passed</c>, <c>failed</c>, <c>failed_on_base</c> (it fails there as well), <c>pending</c> or <c>skipped</c>.</param>
/// <param name="Url">Its page; null when it has none.</param>
public sealed record PullRequestCheck(string Name, string State, string? Url);

/// <summary>The list of checks as it is stored with a pull request.</summary>
public static class PullRequestChecklist
{
    /// <summary>Reads the list.</summary>
    public static IReadOnlyList<PullRequestCheck> Read(string json) => JsonSerializer.Deserialize(json, PullRequestChecklistJson.Default.IReadOnlyListPullRequestCheck) ?? [];

    /// <summary>Writes the list.</summary>
    public static string Write(IReadOnlyList<PullRequestCheck> checks) => JsonSerializer.Serialize(checks, PullRequestChecklistJson.Default.IReadOnlyListPullRequestCheck);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<PullRequestCheck>))]
internal sealed partial class PullRequestChecklistJson : JsonSerializerContext;
