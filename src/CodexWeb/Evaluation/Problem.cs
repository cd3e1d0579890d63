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

/// <summary>Work on a repository that a test command judges.</summary>
/// <param name="Repository">Its address, or a folder of this machine.</param>
/// <param name="Commit">Where the work begins: a hash, a branch or a tag.</param>
/// <param name="Prompt">What is asked for.</param>
/// <param name="Test">Shell text, run in the repository's root. It must fail before the work, and passes by the exit code 0.</param>
public sealed record RepositoryProblem(string Id, string Repository, string Commit, string Prompt, string Test) : Problem(Id)
{
    /// <summary>Which files of the commit are its tests: paths, folders that end with <c>/</c>, patterns with <c>*</c>. Empty: they are told by their names.</summary>
    public IReadOnlyList<string> Tests { get; init; } = [];

    /// <summary>Tests that the commit does not have, by path. The model never sees them.</summary>
    public IReadOnlyDictionary<string, string> TestFiles { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Changes to the commit's tests, as <c>git diff</c> writes them; null for none. The model never sees them.</summary>
    public string? TestPatch { get; init; }

    /// <summary>Shell text that must fail after any right work: it shows that the tests still can. Null: a broken copy of the tests is made for it.</summary>
    public string? Control { get; init; }
}
