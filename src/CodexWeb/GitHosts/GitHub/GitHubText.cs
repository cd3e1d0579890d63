using System.Globalization;
using System.Text;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Makes GitHub's words fit for a sentence of ours: they may quote anybody.</summary>
internal static class GitHubText
{
    /// <summary>The most that is kept of a message.</summary>
    public const int MostCharacters = 300;

    /// <summary>One line of plain text without control and invisible characters and without the token, at most <see cref="MostCharacters"/> long; null when nothing is left.</summary>
    public static string? Clean(string? text, GitHubToken? token, int most = MostCharacters)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        text = token is { Value.Length: > 0 } secret ? text.Replace(secret.Value, "[token]", StringComparison.OrdinalIgnoreCase) : text;
        var clean = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                clean = clean.Length > 0 && clean[^1] != ' ' ? clean.Append(' ') : clean;
            }
            else if (Rune.GetUnicodeCategory(rune) is not UnicodeCategory.Format && rune != Rune.ReplacementChar)
            {
                clean.Append(rune);
            }

            if (clean.Length > most)
            {
                clean.Length = char.IsLowSurrogate(clean[most - 1]) && !char.IsHighSurrogate(clean[most - 2]) ? most - 2 : most - 1;
                return clean.Append('…').ToString();
            }
        }

        return clean.ToString().Trim() is { Length: > 0 } line ? line : null;
    }

    /// <summary>A text that ends as a sentence does.</summary>
    public static string Sentence(string text) => text[^1] is '.' or '!' or '?' or '…' ? text : $"{text}.";
}
