using Microsoft.JSInterop;

namespace CodexWeb.Ui;

/// <summary>One script module of a component, loaded when first called. A browser that has gone away is no error.</summary>
/// <param name="path">Below the web root, for example <c>./js/composer.js</c>.</param>
public sealed class ScriptModule(IJSRuntime scripts, string path) : IAsyncDisposable
{
    private Task<IJSObjectReference>? _module;

    /// <summary>Calls a function that gives nothing back.</summary>
    public async Task CallAsync(string function, params object?[] arguments)
    {
        try
        {
            var module = await LoadAsync();
            await module.InvokeVoidAsync(function, arguments);
        }
        catch (JSDisconnectedException)
        {
            // Nobody is there to see it.
        }
    }

    /// <summary>Calls a function and gives its answer.</summary>
    /// <exception cref="JSDisconnectedException">The browser has gone away.</exception>
    public async Task<T> AskAsync<T>(string function, CancellationToken cancellationToken, params object?[] arguments)
    {
        var module = await LoadAsync();
        return await module.InvokeAsync<T>(function, cancellationToken, arguments);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_module is null)
        {
            return;
        }

        try
        {
            await (await _module).DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // It went with the browser.
        }
        catch (OperationCanceledException)
        {
            // So did its answer.
        }
    }

    private Task<IJSObjectReference> LoadAsync() => _module ??= scripts.InvokeAsync<IJSObjectReference>("import", path).AsTask();
}
