using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Models;

/// <summary>Adds a provider or changes one; tries it first, when asked to.</summary>
public sealed partial class ModelProviderEditor(ModelProviders providers, ProviderTrial trial) : IDisposable
{
    private readonly Departure _gone = new();
    private List<ModelOptions> _models = [new()];
    private IReadOnlyDictionary<string, string> _errors = new Dictionary<string, string>(StringComparer.Ordinal);
    private IReadOnlyList<string> _offered = [];
    private Dialog? _dialog;
    private ProviderView? _known;
    private ProviderPreset? _preset;
    private ProviderGreeting? _greeting;
    private string _name = "";
    private string _address = "";
    private string _api = ModelApi.Chat;
    private string _key = "";
    private bool _withoutKey;
    private int? _most;
    private string? _problem;
    private bool _busy;

    /// <summary>It was stored.</summary>
    [Parameter]
    public EventCallback Saved { get; set; }

    // A field left empty keeps the stored key.
    private ProviderForm Form => new(_name, _address, _api, _withoutKey ? "" : _key.Length > 0 ? _key : _known is { HasKey: true } ? null : "", _most, _models);

    /// <summary>Opens the dialog.</summary>
    /// <param name="provider">Null for a new one.</param>
    public Task OpenAsync(ProviderView? provider)
    {
        _known = provider;
        (_name, _address, _api, _most) = provider is null ? ("", "", ModelApi.Chat, null) : (provider.Name, provider.BaseUrl, provider.Api, provider.MaxConcurrent);
        _models = provider is null ? [new()] : [.. provider.Models.Select(static model => model.Copy())];
        (_key, _withoutKey, _preset, _offered) = ("", false, null, []);
        Clear();
        StateHasChanged();
        return _dialog!.OpenAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private void Take(ProviderPreset preset)
    {
        _preset = preset;
        (_name, _address, _api) = (preset.Name, preset.BaseUrl, preset.Api);
        Clear();
    }

    private void Clear() => (_errors, _problem, _greeting) = (new Dictionary<string, string>(StringComparer.Ordinal), null, null);

    private Task TestAsync() => WorkAsync(async () => _greeting = Shown(await trial.GreetAsync(Form, model: null, _gone.Token)));

    private Task ListAsync() => WorkAsync(async () => _offered = Shown(await trial.ListModelsAsync(Form, _gone.Token)) ?? []);

    private Task SaveAsync() => WorkAsync(async () =>
    {
        var result = _known is null ? await providers.AddAsync(Form, _gone.Token) : await providers.ChangeAsync(_known.Name, Form, _gone.Token);
        if (Shown(result) is not null)
        {
            _key = "";
            await _dialog!.CloseAsync();
            await Saved.InvokeAsync();
        }
    });

    private async Task WorkAsync(Func<Task> work)
    {
        Clear();
        _busy = true;
        try
        {
            await work();
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        finally
        {
            _busy = false;
        }
    }

    /// <summary>What a command gave; its errors are shown instead when it gave nothing.</summary>
    private T? Shown<T>(CommandResult<T> result)
        where T : class
    {
        if (result is CommandResult<T>.Invalid(var errors))
        {
            _errors = errors;
        }
        else
        {
            _problem = result.Problem();
        }

        return (result as CommandResult<T>.Done)?.Value;
    }

    private string? Wrong(string field) => _errors.ContainsKey(field) ? "true" : null;

    private RenderFragment? Error(string field) => _errors.TryGetValue(field, out var error)
        ? builder =>
        {
            builder.OpenElement(0, "p");
            builder.AddAttribute(1, "class", "field-error");
            builder.AddAttribute(2, "role", "alert");
            builder.AddContent(3, error);
            builder.CloseElement();
        }
    : null;
}
