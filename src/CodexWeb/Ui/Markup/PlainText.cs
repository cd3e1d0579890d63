using CodexWeb.Agent.Models;

namespace CodexWeb.Ui.Markup;

/// <summary>Makes characters visible that hide or reorder text: names, titles and code from outside can then not look like something else.</summary>
public static class PlainText
{
    /// <inheritdoc cref="HiddenCharacters.Reveal"/>
    public static string Reveal(string text) => HiddenCharacters.Reveal(text);

    /// <inheritdoc cref="HiddenCharacters.RevealLine"/>
    public static string RevealLine(string text) => HiddenCharacters.RevealLine(text);
}
