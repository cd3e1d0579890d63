using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Models;

/// <summary>One provider in the list, with what came of its test.</summary>
public sealed partial class ModelProviderRow(ProviderTrial trial) : IDisposable
{
    private readonly Departure _gone = new();
    private ProviderGreeting? _greeting;
    private string? _refused;
    private bool _busy;
    private bool _removing;

    /// <summary>The provider.</summary>
    [Parameter, EditorRequired]
    public ProviderView Provider { get; set; } = null!;

    /// <summary>A person wants to change it.</summary>
    [Parameter]
    public EventCallback Edited { get; set; }

    /// <summary>A person wants it removed, and said so twice.</summary>
    [Parameter]
    public EventCallback Removed { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task TestAsync()
    {
        (_busy, _greeting, _refused) = (true, null, null);
        try
        {
            var result = await trial.GreetAsync(Provider.Name, model: null, _gone.Token);
            _refused = result.Problem();
            _greeting = (result as CommandResult<ProviderGreeting>.Done)?.Value;
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
}
