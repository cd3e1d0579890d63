using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CodexWeb.Agent.Models;

/// <summary>A skill as its SKILL.md gives it: front matter with name and description, then the instructions. All of it is from outside.</summary>
/// <param name="Name">Up to 64 letters, digits, <c>-</c>, <c>_</c>, <c>.</c> and <c>:</c>; <c>$name</c> in a prompt selects it.</param>
/// <param name="Description">One line, up to 1024 characters.</param>
/// <param name="Body">The instructions.</param>
public sealed record SkillFile(string Name, string Description, string Body)
{
    /// <summary>The largest SKILL.md that is read, in bytes.</summary>
    public const int MaxBytes = 256 * 1024;

    private const int LongestFrontMatter = 16 * 1024;
    private const int LongestName = 64;
    private const int LongestDescription = 1_024;

    /// <summary>Reads a SKILL.md.</summary>
    /// <returns>The skill, or why there is none, in a clause.</returns>
    public static (SkillFile? Skill, string? Problem) Read(ReadOnlySpan<byte> content)
    {
        if (content.StartsWith("\uFEFF"u8))
        {
            content = content[3..];
        }

        if (!System.Text.Unicode.Utf8.IsValid(content))
        {
            return (null, "it is no UTF-8 text");
        }

        var lines = Encoding.UTF8.GetString(content).Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        if (!string.Equals(lines[0].TrimEnd(), "---", StringComparison.Ordinal))
        {
            return (null, "it does not begin with front matter (a line of three dashes)");
        }

        var end = Array.FindIndex(lines, 1, static line => line.TrimEnd() is "---");
        if (end < 0)
        {
            return (null, "its front matter has no end (a second line of three dashes)");
        }

        var frontMatter = string.Join('\n', lines[1..end]);
        if (frontMatter.Length > LongestFrontMatter)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"its front matter is longer than {LongestFrontMatter:N0} characters"));
        }

        return OfFields(Fields(frontMatter, out var problem), string.Join('\n', lines[(end + 1)..]).Trim(), problem);
    }

    private static (SkillFile? Skill, string? Problem) OfFields(Dictionary<string, string> fields, string body, string? problem)
    {
        var name = fields.GetValueOrDefault("name", "").Trim();
        var description = string.Join(' ', fields.GetValueOrDefault("description", "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        problem ??= name.Length == 0 ? "its front matter has no `name`"
            : name.Length > LongestName || !name.All(IsNameCharacter) ? $"its name is not up to {LongestName} letters, digits, -, _, . and :"
            : description.Length == 0 ? "its front matter has no `description`"
            : description.Length > LongestDescription ? string.Create(CultureInfo.InvariantCulture, $"its description is longer than {LongestDescription:N0} characters")
            : body.Length == 0 ? "it has no instructions below the front matter"
            : null;
        return problem is null ? (new SkillFile(name, HiddenCharacters.RevealLine(description), body), null) : (null, problem);
    }

    /// <summary>True for what a skill's name is made of.</summary>
    internal static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or ':';

    // Event by event: no alias is ever followed, so none can be made to grow.
    private static Dictionary<string, string> Fields(string yaml, out string? problem)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var parser = new Parser(new StringReader(yaml));
            parser.Consume<StreamStart>();
            parser.Consume<DocumentStart>();
            parser.Consume<MappingStart>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.Consume<Scalar>().Value;
                if (parser.TryConsume<Scalar>(out var value))
                {
                    fields.TryAdd(key, value.Value);
                }
                else
                {
                    parser.SkipThisAndNestedEvents();
                }
            }

            problem = null;
        }
        catch (YamlException exception)
        {
            problem = string.Create(CultureInfo.InvariantCulture, $"its front matter is no YAML that can be read (line {exception.Start.Line + 1}): a text with a colon needs quotes");
        }

        return fields;
    }
}
