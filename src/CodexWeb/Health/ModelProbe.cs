using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using CodexWeb.Models;
using OpenAI;
using OpenAI.Models;

namespace CodexWeb.Health;

/// <summary>Does every model provider answer, and does it take the key? Asks for its list of models, which costs nothing.</summary>
internal sealed class ModelProbe(ModelCatalog models) : IHealthProbe
{
    // As in a conversation: a server of this machine is reached without the proxy that is meant for the outside.
    private static readonly HttpClientPipelineTransport Direct = new(new HttpClient(new SocketsHttpHandler { UseProxy = false }));

    public string Name => "Models";

    public async Task<IReadOnlyList<HealthCheck>> LookAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(models.Models.GroupBy(model => model.Provider, StringComparer.Ordinal).Select(provider => LookAsync(provider.Key, [.. provider], cancellationToken)));

    private async Task<HealthCheck> LookAsync(string provider, IReadOnlyList<ModelEntry> entries, CancellationToken cancellationToken)
    {
        var name = $"Model provider {provider}";
        if (entries[0].Demo)
        {
            return HealthCheck.Pass(name, "Part of this server: scripted, not an AI.");
        }

        var endpoint = models.EndpointOf(entries[0]);
        var client = new OpenAIModelClient(new ApiKeyCredential(endpoint.ApiKey), new OpenAIClientOptions
        {
            Endpoint = endpoint.BaseUrl,
            NetworkTimeout = TimeSpan.FromSeconds(10),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            Transport = endpoint.BaseUrl.IsLoopback ? Direct : null,
        });
        try
        {
            var offered = await client.GetModelsAsync(cancellationToken);
            var missing = entries.Where(entry => !offered.Value.Any(model => string.Equals(model.Id, entry.Name, StringComparison.Ordinal))).Select(entry => entry.Name).ToList();
            return missing.Count == 0
                ? HealthCheck.Pass(name, $"{endpoint.BaseUrl} answers and offers {string.Join(", ", entries.Select(entry => entry.Name))}.")
                : HealthCheck.Warn(name, $"{endpoint.BaseUrl} answers, but does not list {string.Join(", ", missing)}.", "Check the models' names in the settings (Models:Providers), or what the key may use.");
        }
        catch (ClientResultException exception) when (exception.Status == 404)
        {
            return HealthCheck.Pass(name, $"{endpoint.BaseUrl} answers. It does not say which models it has.");
        }
        catch (ClientResultException exception) when (exception.Status > 0)
        {
            return HealthCheck.Warn(
                name,
                string.Create(CultureInfo.InvariantCulture, $"{endpoint.BaseUrl} answered with status {exception.Status}: {FirstLine(exception.Message)}"),
                exception.Status is 401 or 403 ? "Check the key (OPENAI_API_KEY, or ApiKey in Models:Providers)." : "Try again later, or ask the provider.");
        }
        catch (Exception exception) when (exception is ClientResultException or HttpRequestException or TaskCanceledException or AggregateException && !cancellationToken.IsCancellationRequested)
        {
            return HealthCheck.Warn(name, $"{endpoint.BaseUrl} cannot be reached: {FirstLine(exception.Message)}", "Check the address (OPENAI_BASE_URL, or BaseUrl in Models:Providers) and this machine's network.");
        }
    }

    private static string FirstLine(string text)
    {
        var line = text.Split('\n').Select(part => part.Trim()).FirstOrDefault(part => part.Length > 0) ?? "";
        return line.Length <= 300 ? line : $"{line[..300]}…";
    }
}
