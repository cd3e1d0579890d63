namespace CodexWeb.Review;

/// <summary>Writes text for a person's own shell.</summary>
internal static class ShellWord
{
    /// <summary>The text as one word, whatever is in it.</summary>
    public static string Of(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.' or ':') ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
