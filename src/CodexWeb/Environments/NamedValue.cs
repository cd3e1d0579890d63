namespace CodexWeb.Environments;

/// <summary>A row of a form: a name with its value.</summary>
public sealed class NamedValue
{
    /// <summary>As typed.</summary>
    public string Name { get; set; } = "";

    /// <summary>As typed; empty for a secret whose stored value is kept.</summary>
    public string Value { get; set; } = "";

    /// <summary>True when a value of it is stored that is not shown.</summary>
    public bool Stored { get; init; }

    /// <summary>Rows for the pairs of a map.</summary>
    public static List<NamedValue> Rows(IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return [.. values.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => new NamedValue { Name = pair.Key, Value = pair.Value })];
    }

    /// <summary>The map of the rows that are not empty, and the first name that is there twice; null when none is.</summary>
    /// <param name="names">How names are compared.</param>
    public static (Dictionary<string, string> Values, string? Twice) Map(IEnumerable<NamedValue> rows, StringComparer names)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var values = new Dictionary<string, string>(names);
        string? twice = null;
        foreach (var row in rows.Where(static row => row.Name.Trim().Length > 0 || row.Value.Length > 0))
        {
            twice ??= values.TryAdd(row.Name.Trim(), row.Value) ? null : row.Name.Trim();
        }

        return (values, twice);
    }
}
