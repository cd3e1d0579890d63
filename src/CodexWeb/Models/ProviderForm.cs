namespace CodexWeb.Models;

/// <summary>A provider as a person enters it.</summary>
/// <param name="Name">Lower-case letters, digits, <c>.</c>, <c>_</c>, <c>-</c>; at most 32. Cannot be changed later, for it is part of the models' ids.</param>
/// <param name="BaseUrl">With its version: <c>https://api.openai.com/v1</c>.</param>
/// <param name="Api">See <see cref="ModelApi"/>.</param>
/// <param name="Key">Null to keep the stored one; empty for none.</param>
/// <param name="MaxConcurrent">1 to 1000; null for no limit.</param>
/// <param name="Models">At least one.</param>
public sealed record ProviderForm(string Name, string BaseUrl, string Api, string? Key, int? MaxConcurrent, IReadOnlyList<ModelOptions> Models)
{
    private const int MostModels = 200;
    private const int LongestKey = 8000;

    /// <summary>What is wrong with it: field to sentence. Empty when it can be taken.</summary>
    public Dictionary<string, string> FindErrors()
    {
        var errors = FindConnectionErrors();
        if (Name is not { Length: > 0 and <= 32 } || !char.IsAsciiLetterOrDigit(Name[0]) || !Name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-'))
        {
            errors["name"] = "A name has 1 to 32 lower-case letters, digits, dots, dashes and underscores, and begins with a letter or digit.";
        }

        if (MaxConcurrent is < 1 or > 1000)
        {
            errors["maxConcurrent"] = "Send 1 to 1,000 requests at once, or leave it empty for no limit.";
        }

        if (FindModelError() is { } error)
        {
            errors["models"] = error;
        }

        return errors;
    }

    /// <summary>What is wrong with the way to the provider, which is all that a test needs.</summary>
    public Dictionary<string, string> FindConnectionErrors()
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (AddressError() is { } address)
        {
            errors["baseUrl"] = address;
        }

        if (Api is not (ModelApi.Responses or ModelApi.Chat))
        {
            errors["api"] = "Choose responses or chat.";
        }

        if (Key is { } key && (key.Length > LongestKey || key.Any(static c => c is <= ' ' or > '~')))
        {
            errors["key"] = "A key is one line of letters, digits and signs, without spaces. Was something else pasted?";
        }

        return errors;
    }

    private string? AddressError()
    {
        if (!Uri.TryCreate(BaseUrl, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || BaseUrl.Length > 1000)
        {
            return "Enter a whole address that begins with https:// or http://, such as https://api.openai.com/v1.";
        }

        return address.UserInfo.Length > 0 ? "Leave name and password out of the address; the key has a field of its own."
            : address.Query.Length > 0 || address.Fragment.Length > 0 ? "Leave out what follows ? or # in the address."
            : null;
    }

    private string? FindModelError()
    {
        if (Models is not { Count: > 0 and <= MostModels })
        {
            return $"Name at least one model, at most {MostModels}.";
        }

        return Models.Select(FindModelError).FirstOrDefault(static error => error is not null)
            ?? (Models.GroupBy(static model => model.Id, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1) is { } twice ? $"The model '{twice.Key}' is there more than once." : null);
    }

    private static string? FindModelError(ModelOptions model) =>
        model.Id is not { Length: > 0 and <= 200 } || model.Id.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c)) ? "A model has the name its provider calls it by: no spaces, at most 200 characters."
        : model.Label is { Length: > 100 } || model.Label?.Any(char.IsControl) is true ? $"The label of '{model.Id}' is too long: at most 100 characters."
        : model.ContextWindow is < 1000 or > 100_000_000 ? $"The window of '{model.Id}' is counted in tokens: 1,000 or more. Leave it empty when it is not known."
        : model.Efforts is { } efforts && (efforts.Count > 10 || efforts.Exists(static effort => effort is not { Length: > 0 and <= 20 } || !effort.All(char.IsAsciiLetterLower))) ? $"The efforts of '{model.Id}' are words of small letters, at most ten."
        : new[] { model.InputPrice, model.CachedInputPrice, model.OutputPrice }.Any(static price => price is < 0 or > 100_000) ? $"The prices of '{model.Id}' are US dollars for a million tokens, 0 or more."
        : model.InputPrice is null != model.OutputPrice is null ? $"Give '{model.Id}' both prices, of input and output, or neither."
        : model.CachedInputPrice is not null && model.InputPrice is null ? $"Give '{model.Id}' the price of input besides that of cached input."
        : null;
}

/// <summary>A provider as it is shown. Its key is not.</summary>
/// <param name="HasKey">True when a key is set.</param>
/// <param name="Stored">True when it was added in the page and can be changed there; false for those of the settings.</param>
/// <param name="Problem">Why it cannot be used; null when it can.</param>
public sealed record ProviderView(string Name, string BaseUrl, string Api, bool HasKey, int? MaxConcurrent, IReadOnlyList<ModelOptions> Models, bool Stored, string? Problem);
