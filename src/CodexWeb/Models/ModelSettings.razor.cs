using CodexWeb.Ui;

namespace CodexWeb.Models;

/// <summary>The model providers of this server, and the model that is used when nobody chose.</summary>
public sealed partial class ModelSettings(ModelProviders providers, ModelCatalog catalog) : IDisposable
{
    private readonly Departure _gone = new();
    private IReadOnlyList<ProviderView>? _providers;
    private ModelProviderEditor? _editor;
    private string? _problem;

    /// <inheritdoc/>
    public void Dispose()
    {
        catalog.Changed -= OnChanged;
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override Task OnInitializedAsync()
    {
        catalog.Changed += OnChanged;
        return LoadAsync();
    }

    // Somebody else's change, or one of our own.
    private void OnChanged(object? sender, EventArgs arguments) => _ = InvokeAsync(async () =>
    {
        await LoadAsync();
        StateHasChanged();
    });

    private async Task LoadAsync()
    {
        try
        {
            _providers = await providers.ListAsync(_gone.Token);
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    private async Task RemoveAsync(ProviderView provider) => _problem = (await providers.RemoveAsync(provider.Name, _gone.Token)).Problem();

    private async Task UseAsync(ModelEntry model) => _problem = (await providers.SetDefaultAsync(model.Id, _gone.Token)).Problem();
}
