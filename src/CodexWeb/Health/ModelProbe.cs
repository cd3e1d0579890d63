using System.ClientModel;
using CodexWeb.Agent.Models;
using CodexWeb.Models;

namespace CodexWeb.Health;

/// <summary>Does every model provider answer, and does it take the key? Asks for its list of models, which costs nothing.</summary>
internal sealed class ModelProbe(ModelCatalog models, TimeProvider time) : IHealthProbe
{
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
        try
        {
            var offered = await OfferedModels.ListAsync(endpoint, time, cancellationToken);
            var missing = entries.Where(entry => !offered.Contains(entry.Name, StringComparer.Ordinal)).Select(entry => entry.Name).ToList();
            return missing.Count == 0
                ? HealthCheck.Pass(name, $"{endpoint.BaseUrl} answers and offers {string.Join(", ", entries.Select(entry => entry.Name))}.")
                : HealthCheck.Warn(name, $"{endpoint.BaseUrl} answers, but does not list {string.Join(", ", missing)}.", "Check the models' names in Settings › Models, or what the key may use.");
        }
        catch (ModelException failure) when (failure.InnerException is ClientResultException { Status: 404 })
        {
            return HealthCheck.Pass(name, $"{endpoint.BaseUrl} answers. It does not say which models it has.");
        }
        catch (ModelException failure)
        {
            // Without an answer there is nothing but the network's own words.
            var answered = failure.InnerException is null or ClientResultException { Status: > 0 };
            var found = answered ? $"does not tell its models: {FirstLine(failure.Message)}" : $"cannot be reached: {FirstLine(failure.InnerException!.GetBaseException().Message)}";
            return HealthCheck.Warn(name, $"{endpoint.BaseUrl} {found}", failure.Failure is ModelFailure.Denied
                ? "Check the key in Settings › Models (OPENAI_API_KEY, or ApiKey in Models:Providers)."
                : "Check the address in Settings › Models (OPENAI_BASE_URL, or BaseUrl in Models:Providers) and this machine's network.");
        }
    }

    private static string FirstLine(string text)
    {
        var line = text.Split('\n').Select(part => part.Trim()).FirstOrDefault(part => part.Length > 0) ?? "";
        return line.Length <= 300 ? line : $"{line[..300]}…";
    }
}
