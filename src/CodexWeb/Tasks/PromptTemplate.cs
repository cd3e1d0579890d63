namespace CodexWeb.Tasks;

/// <summary>A prompt that is written once and used often, found by typing <c>/</c> and its name.</summary>
public sealed class PromptTemplate
{
    /// <summary>Unique: 1 to 40 lower-case letters, digits and <c>-</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>One line on what it is for; may be empty.</summary>
    public string Description { get; set; } = "";

    /// <summary>Markdown with fields to fill in: <c>{{name}}</c>.</summary>
    public string Text { get; set; } = "";

    /// <summary>Who changed it last, as shown.</summary>
    public string Author { get; set; } = "";

    /// <summary>When it was changed last.</summary>
    public DateTimeOffset UpdatedAt { get; set; }
}
