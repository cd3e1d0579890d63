namespace CodexWeb;

/// <summary>The sentence of a command that was not done.</summary>
public static class CommandProblems
{
    /// <summary>Why it was not done, in a sentence; null when it was.</summary>
    public static string? Problem<T>(this CommandResult<T> result) => result switch
    {
        CommandResult<T>.Done => null,
        CommandResult<T>.Invalid invalid => string.Join(' ', invalid.Errors.Values),
        CommandResult<T>.NotFound missing => missing.What,
        CommandResult<T>.Refused refused => refused.Reason,
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "No such result."),
    };

    /// <summary>The sentence for one field; null when that field was taken.</summary>
    public static string? ProblemOf<T>(this CommandResult<T> result, string field) =>
        result is CommandResult<T>.Invalid invalid && invalid.Errors.TryGetValue(field, out var error) ? error : null;
}
