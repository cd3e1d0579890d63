using System.ComponentModel.DataAnnotations;

namespace CodexWeb.Data;

/// <summary>Where the server keeps what it knows: section <c>Data</c>.</summary>
public sealed class DataOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Data";

    /// <summary>
    /// The data folder; made when it is missing. Default: <c>/var/lib/codexweb</c> for root (the sandboxes' account must be able to reach it),
    /// else <c>$XDG_DATA_HOME/codexweb</c> or <c>~/.local/share/codexweb</c>. A relative path means one below the current folder.
    /// </summary>
    [Required]
    public string Directory { get; set; } = DefaultDirectory();

    /// <summary><c>sqlite</c>, the one database of this version.</summary>
    [RegularExpression("(?i)sqlite", ErrorMessage = "Data:Provider must be sqlite; PostgreSQL is not offered in this version.")]
    public string Provider { get; set; } = "sqlite";

    /// <summary>A connection string for the provider; null for <c>codexweb.db</c> in the data folder.</summary>
    public string? ConnectionString { get; set; }

    private static string DefaultDirectory() => System.Environment.IsPrivilegedProcess
        ? "/var/lib/codexweb"
        : Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.LocalApplicationData, System.Environment.SpecialFolderOption.DoNotVerify), "codexweb");
}
