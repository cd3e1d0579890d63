namespace CodexWeb.Environments;

/// <summary>A row of a form with one text: a check, an argument.</summary>
public sealed class TextRow
{
    /// <summary>As typed.</summary>
    public string Text { get; set; } = "";

    /// <summary>Rows for texts.</summary>
    public static List<TextRow> Rows(IEnumerable<string> texts) => [.. texts.Select(static text => new TextRow { Text = text })];
}
