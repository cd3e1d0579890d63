using CodexWeb.Models.Demo;

namespace CodexWeb.Models;

/// <summary>What a person can do with model providers; page and HTTP interface call the same. Keys go in and never come out.</summary>
public sealed class ModelProviders(StoredProviders stored, ModelCatalog catalog)
{
    private const string NoSuch = "There is no such model provider among those that were added in the page.";

    /// <summary>All providers: those of the settings, then those of the page. The demo is none of them.</summary>
    public async Task<IReadOnlyList<ProviderView>> ListAsync(CancellationToken cancellationToken)
    {
        var fixedOnes = catalog.Providers.Where(static provider => !provider.Stored).ToList();
        var rows = await stored.ListAsync(cancellationToken);
        return [.. fixedOnes.Select(ViewOf), .. rows.Select(row => ViewOf(row, fixedOnes))];
    }

    /// <summary>One that was added in the page; null when there is none.</summary>
    public async Task<ProviderView?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(provider => string.Equals(provider.Name, name, StringComparison.Ordinal));

    /// <summary>Adds one.</summary>
    public async Task<CommandResult<ProviderView>> AddAsync(ProviderForm form, CancellationToken cancellationToken)
    {
        form = Tidy(form);
        var errors = form.FindErrors();
        if (form.Name is DemoModel.Provider || catalog.Providers.Any(provider => string.Equals(provider.Name, form.Name, StringComparison.Ordinal)))
        {
            errors["name"] = $"There is a provider '{form.Name}' already. Choose another name.";
        }

        return errors.Count > 0 ? new CommandResult<ProviderView>.Invalid(errors)
            : await stored.AddAsync(form with { Key = form.Key ?? "" }, cancellationToken) ? await DoneAsync(form.Name, cancellationToken)
            : new CommandResult<ProviderView>.Invalid("name", $"There is a provider '{form.Name}' already. Choose another name.");
    }

    /// <summary>Changes one. Requests from now on go by it, also those of tasks at work.</summary>
    public async Task<CommandResult<ProviderView>> ChangeAsync(string name, ProviderForm form, CancellationToken cancellationToken)
    {
        form = Tidy(form) with { Name = name };
        var errors = form.FindErrors();
        if (await RefuseKeyElsewhereAsync(form, cancellationToken) is { } refused)
        {
            errors.TryAdd("key", refused);
        }

        return errors.Count > 0 ? new CommandResult<ProviderView>.Invalid(errors)
            : await stored.ChangeAsync(form, cancellationToken) ? await DoneAsync(name, cancellationToken)
            : new CommandResult<ProviderView>.NotFound(NoSuch);
    }

    /// <summary>Removes one with its key. Tasks at work with its models fail at their next request, and can be retried with another model.</summary>
    public async Task<CommandResult<Nothing>> RemoveAsync(string name, CancellationToken cancellationToken) =>
        await stored.RemoveAsync(name, cancellationToken) ? new CommandResult<Nothing>.Done(default) : new CommandResult<Nothing>.NotFound(NoSuch);

    /// <summary>Chooses the model that is used when nobody chose.</summary>
    public async Task<CommandResult<Nothing>> SetDefaultAsync(string model, CancellationToken cancellationToken)
    {
        if (catalog.Find(model ?? "") is null)
        {
            return new CommandResult<Nothing>.Invalid("model", $"There is no model '{model}'. Choose one of: {string.Join(", ", catalog.Models.Select(static known => known.Id))}.");
        }

        await stored.SetDefaultAsync(model!, cancellationToken);
        return new CommandResult<Nothing>.Done(default);
    }

    /// <summary>
    /// The key to test a form with: the one in it, or the stored one of its name. A stored key goes only where it was stored for: who may change an address shall not be able to
    /// have the key sent there.
    /// </summary>
    internal async Task<CommandResult<string>> KeyForAsync(ProviderForm form, CancellationToken cancellationToken)
    {
        if (form.Key is { } key)
        {
            return new CommandResult<string>.Done(key);
        }

        if (await RefuseKeyElsewhereAsync(form, cancellationToken) is { } refused)
        {
            return new CommandResult<string>.Invalid("key", refused);
        }

        var row = (await stored.ListAsync(cancellationToken)).FirstOrDefault(row => string.Equals(row.Name, form.Name, StringComparison.Ordinal));
        var opened = row is null ? "" : stored.KeyOf(row);
        return opened is not null ? new CommandResult<string>.Done(opened) : new CommandResult<string>.Refused(StoredProviders.ProblemOf(row!, key: null)!);
    }

    private async Task<string?> RefuseKeyElsewhereAsync(ProviderForm form, CancellationToken cancellationToken)
    {
        if (form.Key is not null || !Uri.TryCreate(form.BaseUrl, UriKind.Absolute, out var address))
        {
            return null;
        }

        var row = (await stored.ListAsync(cancellationToken)).FirstOrDefault(row => string.Equals(row.Name, form.Name, StringComparison.Ordinal));
        return row is { EncryptedKey: not null } && Uri.Compare(address, new Uri(row.BaseUrl), UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) != 0
            ? "The address leads to another server. Enter the key for it; the stored one is not sent there."
            : null;
    }

    private async Task<CommandResult<ProviderView>> DoneAsync(string name, CancellationToken cancellationToken) =>
        await FindAsync(name, cancellationToken) is { } view ? new CommandResult<ProviderView>.Done(view) : new CommandResult<ProviderView>.NotFound(NoSuch);

    private static ProviderForm Tidy(ProviderForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        return form with { Name = (form.Name ?? "").Trim(), BaseUrl = (form.BaseUrl ?? "").Trim(), Api = form.Api ?? "", Key = form.Key?.Trim(), Models = form.Models ?? [] };
    }

    private static ProviderView ViewOf(ProviderConfiguration provider) => new(
        provider.Name,
        provider.Endpoint.BaseUrl.AbsoluteUri.TrimEnd('/'),
        provider.Api,
        provider.Endpoint.ApiKey.Length > 0,
        provider.MaxConcurrent,
        [.. provider.Models.Select(static model => new ModelOptions
        {
            Id = model.Name,
            Label = model.Label,
            ContextWindow = model.ContextWindow,
            Reasoning = model.Reasoning,
            Images = model.Images,
            InputPrice = model.Price?.Input,
            CachedInputPrice = model.Price?.CachedInput,
            OutputPrice = model.Price?.Output,
        })],
        Stored: false,
        provider.Problem);

    private ProviderView ViewOf(ModelProvider row, IReadOnlyList<ProviderConfiguration> fixedOnes) => new(
        row.Name,
        row.BaseUrl,
        row.Api,
        row.EncryptedKey is not null,
        row.MaxConcurrent,
        StoredProviders.ModelsOf(row),
        Stored: true,
        fixedOnes.Any(provider => string.Equals(provider.Name, row.Name, StringComparison.Ordinal))
            ? $"The settings have a provider '{row.Name}' too, and theirs is used. Remove this one, or give that one another name."
            : StoredProviders.ProblemOf(row, stored.KeyOf(row)));
}
