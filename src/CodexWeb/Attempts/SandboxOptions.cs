using System.ComponentModel.DataAnnotations;

namespace CodexWeb.Attempts;

/// <summary>What wall is put around attempts: section <c>Sandbox</c>.</summary>
public sealed class SandboxOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Sandbox";

    /// <summary><c>auto</c> or <c>bubblewrap</c>, which mean the same in this version: it has one driver.</summary>
    [RegularExpression("(?i)auto|bubblewrap", ErrorMessage = "Sandbox:Driver must be auto or bubblewrap; gVisor and containers are not offered in this version.")]
    public string Driver { get; set; } = "auto";
}
