namespace CodexWeb.Data;

/// <summary>One thing that was chosen in the page for the whole server.</summary>
public sealed class ServerSetting
{
    /// <summary>Which: a constant of whoever keeps it, such as <c>models.default</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>What was chosen.</summary>
    public string Value { get; set; } = "";
}
