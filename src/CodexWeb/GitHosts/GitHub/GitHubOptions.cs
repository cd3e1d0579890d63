using System.ComponentModel.DataAnnotations;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>The GitHub this server works with, and what it may show there as its own: section <c>GitHub</c>. All of it may be left out.</summary>
public sealed class GitHubOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "GitHub";

    /// <summary>The address people open in the browser. Default: github.com; an Enterprise Server's own address otherwise.</summary>
    [Required(ErrorMessage = "GitHub:BaseUrl must be an address such as https://github.com.")]
    [CustomValidation(typeof(GitHubSettingRules), nameof(GitHubSettingRules.Address))]
    public Uri BaseUrl { get; set; } = new("https://github.com");

    /// <summary>The address of the REST interface; null for the one that belongs to <see cref="BaseUrl"/>: see <see cref="GitHubAddresses.Api"/>.</summary>
    [CustomValidation(typeof(GitHubSettingRules), nameof(GitHubSettingRules.Address))]
    public Uri? ApiUrl { get; set; }

    /// <summary>The client id of an OAuth app or a GitHub App, with which people connect their account; null: they connect by token.</summary>
    [CustomValidation(typeof(GitHubSettingRules), nameof(GitHubSettingRules.Client))]
    public string? ClientId { get; set; }

    /// <summary>The secret that belongs to <see cref="ClientId"/>. It stays in the server's memory.</summary>
    [CustomValidation(typeof(GitHubSettingRules), nameof(GitHubSettingRules.Client))]
    public string? ClientSecret { get; set; }

    /// <summary>The number of a GitHub App; null for none.</summary>
    [CustomValidation(typeof(GitHubSettingRules), nameof(GitHubSettingRules.App))]
    public long? AppId { get; set; }

    /// <summary>The App's private key: the PEM text itself, its line ends also written as <c>\n</c>, or the path of a PEM file.</summary>
    [CustomValidation(typeof(GitHubSettingRules), nameof(GitHubSettingRules.App))]
    public string? PrivateKey { get; set; }

    /// <summary>What GitHub signs its webhooks with; null: webhooks of a hand-made App or repository are refused.</summary>
    [CustomValidation(typeof(GitHubSettingRules), nameof(GitHubSettingRules.Phrase))]
    public string? WebhookSecret { get; set; }

    /// <summary>A token used where nobody's own connection reaches; null for none.</summary>
    [CustomValidation(typeof(GitHubSettingRules), nameof(GitHubSettingRules.Secret))]
    public string? Token { get; set; }
}
