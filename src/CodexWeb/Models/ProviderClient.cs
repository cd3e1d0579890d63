using System.Runtime.CompilerServices;
using CodexWeb.Agent.Models;

namespace CodexWeb.Models;

/// <summary>Sends one provider no more requests at once than it takes; the others wait, and say so when it lasts.</summary>
internal sealed class ProviderClient : IModelClient
{
    private static readonly TimeSpan SilentWait = TimeSpan.FromSeconds(2);

    private readonly ProviderConfiguration _provider;
    private readonly IModelClient _client;
    private readonly SemaphoreSlim? _places;
    private readonly TimeProvider _time;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    public ProviderClient(ProviderConfiguration provider, TimeProvider time)
    {
        (_provider, _time) = (provider, time);
        _client = provider.Api == ModelApi.Chat ? new ChatModelClient(provider.Endpoint, time) : new ResponsesModelClient(provider.Endpoint, time);
        _places = provider.MaxConcurrent is { } most ? new SemaphoreSlim(most, most) : null;
    }

    /// <summary>Where it asks.</summary>
    public ProviderConfiguration Provider => _provider;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ModelUpdate> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_provider.Problem is { } problem)
        {
            throw new ModelException(ModelFailure.Gone, problem);
        }

        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var entering = _places?.WaitAsync(leaving.Token) ?? Task.CompletedTask;
        try
        {
            if (await LastsAsync(entering, cancellationToken))
            {
                yield return new ModelUpdate.Waiting(
                    $"Waits for a free place at the provider {_provider.Name}, which is sent {_provider.MaxConcurrent} {(_provider.MaxConcurrent == 1 ? "request" : "requests")} at once.");
            }

            await entering;
            await foreach (var update in _client.StreamAsync(request, cancellationToken))
            {
                yield return update;
            }
        }
        finally
        {
            await LeaveAsync(entering, leaving);
        }
    }

    private async Task<bool> LastsAsync(Task entering, CancellationToken cancellationToken)
    {
        if (!entering.IsCompleted)
        {
            await Task.WhenAny(entering, Task.Delay(SilentWait, _time, cancellationToken));
        }

        cancellationToken.ThrowIfCancellationRequested();
        return !entering.IsCompleted;
    }

    // Who went away while it waited may have been let in at the same moment.
    private async Task LeaveAsync(Task entering, CancellationTokenSource leaving)
    {
        await leaving.CancelAsync();
        await entering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (entering.IsCompletedSuccessfully)
        {
            _places?.Release();
        }
    }
}
