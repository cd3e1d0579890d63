using System.Globalization;
using System.Text;

namespace CodexWeb.Agent.Models;

/// <summary>
/// Makes characters visible that hide or reorder text. People and the model are given the same marks, so that a text from outside cannot say to one what the other does not see.
/// </summary>
public static class HiddenCharacters
{
    /// <summary>
    /// The text with its hidden characters written out: control characters as their pictures (␛), all others as <c>‹U+202E›</c>. Line feeds and tabs stay.
    /// The joiners of emoji and of scripts that need them stay too, between characters beyond ASCII, and so does one variation selector after a character that can have one.
    /// </summary>
    public static string Reveal(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var first = FirstSuspect(text);
        if (first < 0)
        {
            return text;
        }

        var revealed = new StringBuilder(text.Length + 16).Append(text, 0, first);
        for (var i = first; i < text.Length;)
        {
            // A lone half of a pair becomes the replacement character.
            Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length);
            if (!IsHidden(rune.Value) || IsInPlace(text, i, rune.Value))
            {
                revealed.Append(rune.ToString());
            }
            else
            {
                Append(revealed, rune.Value);
            }

            i += length;
        }

        return revealed.ToString();
    }

    /// <summary>The same on one line: line feeds and tabs are written out too.</summary>
    public static string RevealLine(string text) => Reveal(text).Replace('\n', '␊').Replace('\t', '␉');

    private static int FirstSuspect(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) || IsHidden(text[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static void Append(StringBuilder revealed, int value)
    {
        if (value < 0x20)
        {
            revealed.Append((char)(0x2400 + value));
        }
        else if (value == 0x7F)
        {
            revealed.Append('␡');
        }
        else
        {
            revealed.Append(CultureInfo.InvariantCulture, $"‹U+{value:X4}›");
        }
    }

    private static bool IsInPlace(string text, int index, int value) =>
        IsJoiner(value) ? JoinsBeyondAscii(text, index) : IsVariationSelector(value) && Varies(text, index);

    private static bool JoinsBeyondAscii(string text, int index) => index > 0 && index + 1 < text.Length && text[index - 1] > 0x7F && text[index + 1] > 0x7F
        && (!IsHidden(text[index - 1]) || IsVariationSelector(text[index - 1])) && !IsHidden(text[index + 1]);

    // Of ASCII only the characters of key caps vary (1️⃣). A second selector, or one after a letter, can only carry a message nobody sees.
    private static bool Varies(string text, int index) => index > 0 && !IsHidden(text[index - 1])
        && (text[index - 1] > 0x7F || (text[index - 1] is (>= '0' and <= '9') or '#' or '*' && index + 1 < text.Length && text[index + 1] == '\u20E3'));

    private static bool IsJoiner(int value) => value is 0x200C or 0x200D;

    private static bool IsVariationSelector(int value) => value is >= 0xFE00 and <= 0xFE0F;

    // Controls; soft hyphen; fillers and blanks that show nothing; marks and overrides of direction; joiners and invisible operators; variation selectors; annotations;
    // controls of hieroglyphs, shorthand and music; tags and the further variation selectors.
    private static bool IsHidden(int value) => value is
        < 0x20 and not ('\n' or '\t') or (>= 0x7F and <= 0x9F) or 0xAD or 0x34F or 0x61C or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
        or (>= 0x200B and <= 0x200F) or (>= 0x2028 and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0x2800 or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF or 0xFFA0
        or (>= 0xFFF0 and <= 0xFFFB) or (>= 0x13430 and <= 0x1345F) or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE0FFF);
}
