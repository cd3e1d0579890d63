namespace CodexWeb.CommandLine;

/// <summary>The settings cannot be taken; the message names each and says what it must be.</summary>
public sealed class SettingsException(IReadOnlyList<string> errors)
    : Exception($"CodexWeb cannot start with these settings:{string.Concat(errors.Select(error => $"{Environment.NewLine}  {error}"))}")
{
    /// <summary>One sentence for each wrong setting.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
