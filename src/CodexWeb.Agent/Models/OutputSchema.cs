namespace CodexWeb.Agent.Models;

/// <summary>The form a turn's final message must have, when it is read by a program.</summary>
/// <param name="Name">Letters, digits, <c>_</c> and <c>-</c>; at most 64.</param>
/// <param name="Json">JSON Schema in the subset that providers hold a model to: every property required, none besides them.</param>
/// <param name="Problem">What is wrong with a message, a sentence for the model; null when it can be used. Providers without such schemas answer anything.</param>
public sealed record OutputSchema(string Name, string Json, Func<string, string?> Problem);
