using System.ComponentModel.DataAnnotations;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>What settings of the section <c>GitHub</c> must be. The sentences never repeat a value: it may be a key.</summary>
public static class GitHubSettingRules
{
    /// <summary>An address tokens can be sent to: https, or http on this machine.</summary>
    public static ValidationResult? Address(Uri? value, ValidationContext context) =>
        value is null || IsAddress(value) ? ValidationResult.Success
        : Wrong(context, "must be an https address without user name, query or fragment, such as https://github.example; http is taken on this machine only.");

    /// <summary>Client id and secret come together.</summary>
    public static ValidationResult? Client(string? value, ValidationContext context) =>
        Settings(context) is var settings && string.IsNullOrEmpty(value) && !(string.IsNullOrEmpty(settings.ClientId) && string.IsNullOrEmpty(settings.ClientSecret))
            ? Wrong(context, "is missing: GitHub:ClientId and GitHub:ClientSecret are set together or not at all.")
            : Secret(value, context);

    /// <summary>An App's number and key come together, and the key is one.</summary>
    public static ValidationResult? App(object? value, ValidationContext context)
    {
        var settings = Settings(context);
        if (settings.AppId is null == string.IsNullOrWhiteSpace(settings.PrivateKey))
        {
            return value switch
            {
                long number when number <= 0 => Wrong(context, "must be the number GitHub shows as the App ID."),
                string { Length: > 0 } key when GitHubPrivateKey.FindError(key) is { } error => Wrong(context, error),
                _ => ValidationResult.Success,
            };
        }

        return value is null or "" ? Wrong(context, "is missing: GitHub:AppId and GitHub:PrivateKey are set together or not at all.") : ValidationResult.Success;
    }

    /// <summary>What goes into a header as it is.</summary>
    public static ValidationResult? Secret(string? value, ValidationContext context) =>
        value is null || !value.Any(static character => char.IsWhiteSpace(character) || char.IsControl(character))
            ? ValidationResult.Success
            : Wrong(context, "must not contain spaces or line ends.");

    /// <summary>A secret that is never sent, and may have spaces.</summary>
    public static ValidationResult? Phrase(string? value, ValidationContext context) =>
        value is null || !value.Any(char.IsControl) ? ValidationResult.Success : Wrong(context, "must not contain line ends or other control characters.");

    private static bool IsAddress(Uri address) =>
        address.IsAbsoluteUri
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0;

    private static GitHubOptions Settings(ValidationContext context) => (GitHubOptions)context.ObjectInstance;

    private static ValidationResult Wrong(ValidationContext context, string what) => new($"{GitHubOptions.Section}:{context.MemberName} {what}", [context.MemberName!]);
}
