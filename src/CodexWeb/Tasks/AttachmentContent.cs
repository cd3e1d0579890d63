using System.Globalization;
using System.Text;
using System.Text.Unicode;
using CodexWeb.Agent.Models;

namespace CodexWeb.Tasks;

/// <summary>What an uploaded file is, found by its content, and what it may be called. Both come from outside.</summary>
internal static class AttachmentContent
{
    private const int LongestName = 120;

    // What a file system takes as one name.
    private const int MostNameBytes = 200;

    /// <summary>The media type by the content; what is claimed for it does not count.</summary>
    public static string TypeOf(ReadOnlySpan<byte> bytes) =>
        ImageHeader.Read(bytes)?.MediaType
        ?? (bytes.StartsWith("%PDF-"u8) ? "application/pdf"
            : bytes.StartsWith("PK\u0003\u0004"u8) ? "application/zip"
            : !bytes.Contains((byte)0) && Utf8.IsValid(bytes) ? "text/plain"
            : "application/octet-stream");

    /// <summary>A name that is one path segment and hides nothing: the last segment of what was given, with control and formatting characters replaced.</summary>
    public static string NameOf(string? given)
    {
        var last = (given ?? "").Split('/', '\\')[^1].Normalize();
        var name = new StringBuilder(last.Length);
        foreach (var rune in last.EnumerateRunes())
        {
            name.Append(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator || rune.Value is '`' or 0xFFFD ? "_" : rune.ToString());
        }

        var clean = Shorten(name.ToString().Trim());
        return clean.Trim('.').Length > 0 ? clean : "file";
    }

    /// <summary>The name, or the first free one of name-2, name-3 and so on before its extension.</summary>
    public static string Free(string name, ICollection<string> taken)
    {
        var extension = Path.GetExtension(name);
        var stem = name[..^extension.Length];
        var free = name;
        for (var number = 2; taken.Contains(free); number++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}{extension}");
        }

        return free;
    }

    // The extension says what it is, so the stem gives way.
    private static string Shorten(string name)
    {
        var extension = Path.GetExtension(name) is { Length: <= 12 } few ? few : "";
        var stem = name[..^extension.Length];
        while (stem.Length > 0 && (stem.Length + extension.Length > LongestName || Encoding.UTF8.GetByteCount(stem) + Encoding.UTF8.GetByteCount(extension) > MostNameBytes))
        {
            stem = stem[..^(char.IsLowSurrogate(stem[^1]) ? 2 : 1)];
        }

        return stem + extension;
    }
}
