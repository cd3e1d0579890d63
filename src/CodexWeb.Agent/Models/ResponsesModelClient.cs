using System.ClientModel;
using System.Runtime.CompilerServices;
using CodexWeb.Agent.Protocol;
using OpenAI.Responses;

namespace CodexWeb.Agent.Models;

/// <summary>
/// A model behind the Responses API. Stateless: the provider stores nothing, each request carries the whole conversation and the model's own encrypted reasoning.
/// </summary>
public sealed class ResponsesModelClient : IModelClient
{
    private const string Api = "Responses API";

    private readonly ForeignReasoning _foreign = new();
    private readonly ResponsesClient _client;
    private readonly TimeSpan _idleLimit;
    private readonly TimeProvider _time;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="idleLimit">The longest silence before a stream counts as broken. Default 300 seconds.</param>
    public ResponsesModelClient(ProviderEndpoint endpoint, TimeProvider time, TimeSpan? idleLimit = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        (_time, _idleLimit) = (time, idleLimit ?? StreamWatch.DefaultLimit);
        _client = ProviderConnection.Responses(endpoint);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ModelUpdate> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var watch = new StreamWatch(Api, _idleLimit, _time, cancellationToken);
        await using var result = await OpenAsync(request, watch);
        await using var stream = ((IAsyncEnumerable<StreamingResponseUpdate>)result).GetAsyncEnumerator(watch.Token);
        var spoke = false;
        while (await watch.GuardAsync(async () => await stream.MoveNextAsync() ? Map(stream.Current) : null) is { } updates)
        {
            spoke = true;
            watch.Heard();
            foreach (var update in updates)
            {
                yield return update;
                if (update is ModelUpdate.Completed)
                {
                    yield break;
                }
            }
        }

        throw watch.Ended(spoke);
    }

    /// <summary>Asks; once more without reasoning that the provider cannot open, for it was another model's, or sealed for another account.</summary>
    private async Task<AsyncStreamingResult<StreamingResponseUpdate>> OpenAsync(ModelRequest request, StreamWatch watch)
    {
        try
        {
            return await watch.GuardAsync(() => _client.CreateResponseStreamingAsync(OptionsOf(request, _foreign), watch.Token));
        }
        catch (ModelException refused) when (refused.Failure is ModelFailure.Refused && refused.Message.Contains("encrypted", StringComparison.OrdinalIgnoreCase) && _foreign.Learn(request))
        {
            return await watch.GuardAsync(() => _client.CreateResponseStreamingAsync(OptionsOf(request, _foreign), watch.Token));
        }
    }

    private static CreateResponseOptions OptionsOf(ModelRequest request, ForeignReasoning foreign)
    {
        var options = new CreateResponseOptions
        {
            Model = request.Model,
            Instructions = request.Instructions,
            StreamingEnabled = true,
            StoredOutputEnabled = false,
            ParallelToolCallsEnabled = true,
            ToolChoice = ResponseToolChoice.CreateAutoChoice(),
            PromptCacheKey = request.CacheKey,
        };
        if (request.Reasons)
        {
            options.IncludedProperties.Add(IncludedResponseProperty.ReasoningEncryptedContent);
            options.ReasoningOptions = new ResponseReasoningOptions
            {
                ReasoningEffortLevel = request.ReasoningEffort is { } effort ? new ResponseReasoningEffortLevel(effort) : (ResponseReasoningEffortLevel?)null,
                ReasoningSummaryVerbosity = ResponseReasoningSummaryVerbosity.Auto,
            };
        }

        if (request.Output is { } output)
        {
            options.TextOptions = new ResponseTextOptions
            {
                TextFormat = ResponseTextFormat.CreateJsonSchemaFormat(output.Name, BinaryData.FromString(output.Json), jsonSchemaIsStrict: true),
            };
        }

        foreach (var tool in request.Tools)
        {
            options.Tools.Add(ToolOf(tool));
        }

        foreach (var item in foreign.Without(request).Select(entry => HistoryMapper.ToItem(entry, request.Images)).OfType<ResponseItem>())
        {
            options.InputItems.Add(item);
        }

        return options;
    }

    private static ResponseTool ToolOf(ToolDefinition tool) => tool switch
    {
        ToolDefinition.Function function =>
            ResponseTool.CreateFunctionTool(function.Name, BinaryData.FromString(function.Schema), strictModeEnabled: false, function.Description),
        ToolDefinition.Custom custom => new CustomTool(custom.Name)
        {
            ToolDescription = custom.Description,
            ToolFormat = new CustomToolGrammarFormat(custom.Grammar, CustomToolGrammarFormatSyntax.Lark),
        },
        _ => throw new InvalidOperationException($"A tool of type {tool.GetType().Name} has no form in the Responses API."),
    };

    private static IReadOnlyList<ModelUpdate> Map(StreamingResponseUpdate update)
    {
        switch (update)
        {
            case StreamingResponseOutputTextDeltaUpdate text:
                return [new ModelUpdate.TextDelta(Key(text.OutputIndex), text.Delta ?? "")];
            case StreamingResponseRefusalDeltaUpdate refusal:
                return [new ModelUpdate.TextDelta(Key(refusal.OutputIndex), refusal.Delta ?? "")];
            case StreamingResponseReasoningSummaryTextDeltaUpdate summary:
                return [new ModelUpdate.ReasoningDelta(Key(summary.OutputIndex), summary.Delta ?? "")];
            case StreamingResponseReasoningSummaryPartAddedUpdate { SummaryIndex: > 0 } part:
                return [new ModelUpdate.ReasoningDelta(Key(part.OutputIndex), "\n\n")];
            case StreamingResponseOutputItemDoneUpdate { Item: { } item } done:
                return HistoryMapper.ToEntry(item, done.OutputIndex) is { } entry ? [new ModelUpdate.EntryCompleted(Key(done.OutputIndex), entry)] : [];
            case StreamingResponseCompletedUpdate completed:
                return [new ModelUpdate.Completed(UsageOf(completed.Response))];
            case StreamingResponseIncompleteUpdate incomplete:
                return [Incomplete(incomplete.Response)];
            case StreamingResponseFailedUpdate failed:
                throw ProviderErrors.Of(failed.Response?.Error?.Code.ToString(), failed.Response?.Error?.Message);
            case StreamingResponseErrorUpdate error:
                throw ProviderErrors.Of(error.Code, error.Message);
            default:
                return [];
        }
    }

    private static ModelUpdate.Completed Incomplete(ResponseResult? response)
    {
        var reason = response?.IncompleteStatusDetails?.Reason;
        return reason == ResponseIncompleteStatusReason.ContentFilter
            ? throw new ModelException(ModelFailure.Refused, "The provider's content filter stopped the answer.")
            : new ModelUpdate.Completed(UsageOf(response), OutputLimitReached: true);
    }

    private static TokenUsage UsageOf(ResponseResult? response) => response?.Usage is { } usage
        ? new TokenUsage(
            usage.InputTokenCount, usage.InputTokenDetails?.CachedTokenCount ?? 0, usage.OutputTokenCount, usage.OutputTokenDetails?.ReasoningTokenCount ?? 0)
        : default;

    private static string Key(int outputIndex) => outputIndex.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
