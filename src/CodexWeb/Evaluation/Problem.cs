namespace CodexWeb.Evaluation;

/// <summary>One problem of a problem file.</summary>
/// <param name="Id">Unique within the file.</param>
public abstract record Problem(string Id);

/// <summary>A function to be written, as HumanEval has them.</summary>
/// <param name="Prompt">The beginning of a Python file, up to the function's signature and its description.</param>
/// <param name="EntryPoint">The function's name.</param>
/// <param name="Test">Python that defines <c>check(candidate)</c>, or calls the function itself.</param>
/// <param name="Solution">The file's own solution, for <c>--reference</c>; null when it has none.</param>
public sealed record FunctionProblem(string Id, string Prompt, string EntryPoint, string Test, string? Solution) : Problem(Id);
