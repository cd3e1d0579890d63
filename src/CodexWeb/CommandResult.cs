namespace CodexWeb;

/// <summary>What came of a command a person gave. A closed union the page and the HTTP interface switch over.</summary>
public abstract record CommandResult<T>
{
    /// <summary>It was done.</summary>
    public sealed record Done(T Value) : CommandResult<T>;

    /// <summary>The input cannot be taken.</summary>
    /// <param name="Errors">Field name in camelCase to a sentence that says what it must be.</param>
    public sealed record Invalid(IReadOnlyDictionary<string, string> Errors) : CommandResult<T>
    {
        /// <summary>One wrong field.</summary>
        public Invalid(string field, string error)
            : this(new Dictionary<string, string>(StringComparer.Ordinal) { [field] = error })
        {
        }
    }

    /// <summary>There is no such thing, or not for this person.</summary>
    public sealed record NotFound(string What) : CommandResult<T>;

    /// <summary>It cannot be done now; the sentence says why and what to do.</summary>
    public sealed record Refused(string Reason) : CommandResult<T>;
}

/// <summary>For commands that give nothing back.</summary>
public readonly record struct Nothing;
