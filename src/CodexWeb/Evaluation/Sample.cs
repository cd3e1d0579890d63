using System.Text.Json.Serialization;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Evaluation;

/// <summary>What came of one sample. Only <see cref="Passed"/> counts as passed.</summary>
public enum SampleOutcome
{
    /// <summary>The tests passed, as their own process saw it.</summary>
    [JsonStringEnumMemberName("passed")]
    Passed,

    /// <summary>The tests ran and did not pass.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>The answer holds nothing that could be tested.</summary>
    [JsonStringEnumMemberName("no_code")]
    NoCode,

    /// <summary>The tests did not end in time.</summary>
    [JsonStringEnumMemberName("timeout")]
    TimedOut,

    /// <summary>The process that ran the candidate ended before the tests had their verdict.</summary>
    [JsonStringEnumMemberName("crashed")]
    Crashed,

    /// <summary>The tests pass whatever they are given: the candidate took hold of them.</summary>
    [JsonStringEnumMemberName("cheated")]
    Cheated,

    /// <summary>The model's service refused to answer.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>The problem itself cannot be used: its tests prove nothing, or cannot run here.</summary>
    [JsonStringEnumMemberName("unjudged")]
    Unjudged,

    /// <summary>It could not be tried: the model's service or the sandbox failed. Another run tries it again.</summary>
    [JsonStringEnumMemberName("error")]
    Error,
}

/// <summary>One answer of the model to one problem, and what came of it.</summary>
/// <param name="Problem">The problem's id.</param>
/// <param name="Number">1 for the problem's first.</param>
/// <param name="Detail">Why, in a sentence or a line of the test; empty when it passed.</param>
/// <param name="Answer">What the model wrote, or the change it made as a patch; null when there is none.</param>
/// <param name="Usage">Tokens used for it.</param>
/// <param name="ModelSeconds">How long the model took.</param>
/// <param name="TestSeconds">How long the tests took.</param>
public sealed record Sample(
    string Problem,
    int Number,
    SampleOutcome Outcome,
    string Detail,
    string? Answer = null,
    TokenUsage Usage = default,
    double ModelSeconds = 0,
    double TestSeconds = 0);

/// <summary>What the tests said.</summary>
/// <param name="Detail">Why, when they did not pass.</param>
public sealed record Judgement(SampleOutcome Outcome, string Detail);
