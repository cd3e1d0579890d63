using System.Text;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Models;

/// <summary>What came of asking a model to say hello.</summary>
/// <param name="Works">True when it answered.</param>
/// <param name="Text">Its first words, at most 200 characters on one line; or what went wrong and what to do.</param>
/// <param name="FirstWord">How long its first word took; null when there was none.</param>
/// <param name="Whole">How long all of it took.</param>
/// <param name="Usage">Tokens; null when the provider counts none, or it failed.</param>
public sealed record ProviderGreeting(bool Works, string Text, TimeSpan? FirstWord, TimeSpan Whole, TokenUsage? Usage);

/// <summary>Tries a provider before it is relied on: asks one model, through the same client that tasks use, or for the list of its models.</summary>
public sealed class ProviderTrial(ModelProviders providers, ModelCatalog catalog, TimeProvider time)
{
    private const int LongestText = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks a model of a provider that is set up to say hello.</summary>
    /// <param name="name">The provider's name.</param>
    /// <param name="model">As the provider calls it; null for its first.</param>
    public async Task<CommandResult<ProviderGreeting>> GreetAsync(string name, string? model, CancellationToken cancellationToken)
    {
        if (catalog.Providers.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.Ordinal)) is not { } provider)
        {
            return new CommandResult<ProviderGreeting>.NotFound("There is no such model provider.");
        }

        return provider.Models.FirstOrDefault(entry => model is null || string.Equals(entry.Name, model, StringComparison.Ordinal)) is { } chosen
            ? new CommandResult<ProviderGreeting>.Done(await GreetAsync(provider, chosen.Name, cancellationToken))
            : new CommandResult<ProviderGreeting>.Invalid("model", $"The provider '{name}' has no such model.");
    }

    /// <summary>Asks a model to say hello.</summary>
    /// <param name="form">As entered, stored or not; its key may be left to the stored one.</param>
    /// <param name="model">The provider's name of the model; null for the form's first.</param>
    public async Task<CommandResult<ProviderGreeting>> GreetAsync(ProviderForm form, string? model, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(form);
        var chosen = form.Models.FirstOrDefault(entry => model is null || string.Equals(entry.Id, model, StringComparison.Ordinal));
        if (chosen is null or { Id.Length: 0 })
        {
            return new CommandResult<ProviderGreeting>.Invalid("models", "Name the model that shall be asked.");
        }

        return await PrepareAsync(form, cancellationToken) switch
        {
            CommandResult<ProviderConfiguration>.Done(var provider) => new CommandResult<ProviderGreeting>.Done(await GreetAsync(provider, chosen.Id, cancellationToken)),
            CommandResult<ProviderConfiguration>.Invalid(var errors) => new CommandResult<ProviderGreeting>.Invalid(errors),
            var refused => new CommandResult<ProviderGreeting>.Refused(refused.Problem()!),
        };
    }

    /// <summary>The names of the models a provider offers, in its order; those it does not tell are none.</summary>
    public async Task<CommandResult<IReadOnlyList<string>>> ListModelsAsync(ProviderForm form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(form);
        switch (await PrepareAsync(form, cancellationToken))
        {
            case CommandResult<ProviderConfiguration>.Done(var provider):
                try
                {
                    var names = await OfferedModels.ListAsync(provider.Endpoint, time, cancellationToken);
                    return names.Count > 0 ? new CommandResult<IReadOnlyList<string>>.Done(names) : new CommandResult<IReadOnlyList<string>>.Refused("The server answered, but its list of models is empty. Enter the names by hand.");
                }
                catch (ModelException failure)
                {
                    return new CommandResult<IReadOnlyList<string>>.Refused($"The server does not tell its models. {failure.Message} Enter the names by hand.");
                }

            case CommandResult<ProviderConfiguration>.Invalid(var errors):
                return new CommandResult<IReadOnlyList<string>>.Invalid(errors);
            case var refused:
                return new CommandResult<IReadOnlyList<string>>.Refused(refused.Problem()!);
        }
    }

    private async Task<CommandResult<ProviderConfiguration>> PrepareAsync(ProviderForm form, CancellationToken cancellationToken)
    {
        form = form with { BaseUrl = (form.BaseUrl ?? "").Trim(), Key = form.Key?.Trim() };
        if (form.FindConnectionErrors() is { Count: > 0 } errors)
        {
            return new CommandResult<ProviderConfiguration>.Invalid(errors);
        }

        return await providers.KeyForAsync(form, cancellationToken) switch
        {
            CommandResult<string>.Done(var key) => new CommandResult<ProviderConfiguration>.Done(ProviderConfiguration.Of(
                new ProviderOptions { Name = form.Name ?? "", BaseUrl = form.BaseUrl, ApiKey = key, Api = form.Api }, stored: false)),
            CommandResult<string>.Invalid(var wrong) => new CommandResult<ProviderConfiguration>.Invalid(wrong),
            var refused => new CommandResult<ProviderConfiguration>.Refused(refused.Problem()!),
        };
    }

    private async Task<ProviderGreeting> GreetAsync(ProviderConfiguration provider, string model, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var request = new ModelRequest(model, null, "You are asked whether you can be reached. Answer in one short sentence.", [new ConversationEntry.User("Say hello.")], [], "codexweb-hello");
        var began = time.GetTimestamp();
        TimeSpan? first = null;
        var text = new StringBuilder();
        try
        {
            await foreach (var update in new ProviderClient(provider, time).StreamAsync(request, either.Token))
            {
                if (update is ModelUpdate.TextDelta or ModelUpdate.ReasoningDelta)
                {
                    first ??= time.GetElapsedTime(began);
                }

                if (update is ModelUpdate.TextDelta said && text.Length <= LongestText)
                {
                    text.Append(said.Text);
                }

                if (update is ModelUpdate.Completed completed)
                {
                    return new ProviderGreeting(true, Words(text.ToString()), first, time.GetElapsedTime(began), completed.UsageEstimated ? null : completed.Usage);
                }
            }

            return Failed("The answer had no end.");
        }
        catch (ModelException failure)
        {
            return Failed(FailureText.Of(failure, model));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"{model} did not answer within {Patience.TotalSeconds:0} s. A local server may still be loading the model: try again in a while.");
        }

        ProviderGreeting Failed(string what) => new(false, what, null, time.GetElapsedTime(began), null);
    }

    private static string Words(string text)
    {
        var line = HiddenCharacters.RevealLine(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        return line.Length == 0 ? "(It answered without a word.)" : line.Length <= LongestText ? line : $"{line[..LongestText]}…";
    }
}
