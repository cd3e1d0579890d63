using System.ClientModel.Primitives;
using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using OpenAI;
using OpenAI.Chat;

namespace CodexWeb.Agent.Models;

/// <summary>
/// A model behind Chat Completions, as most servers besides OpenAI's own speak it. The SDK makes and sends the request; the answer is read by <see cref="ChatChunk"/>.
/// What a server refuses of the request's optional fields is left out, at once and for the client's life.
/// </summary>
public sealed class ChatModelClient : IModelClient
{
    private const string Api = "Chat Completions API";

    /// <summary>How long a count of tokens is waited for when the answer is whole: some servers send none, and do not close the stream either.</summary>
    private static readonly TimeSpan PatienceForUsage = TimeSpan.FromSeconds(5);

    private readonly OpenAIClient _client;
    private readonly TimeSpan _idleLimit;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, ChatDialect> _dialects = new(StringComparer.Ordinal);

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="idleLimit">The longest silence before a stream counts as broken. Default 300 seconds. A comment that keeps the connection open is no silence.</param>
    public ChatModelClient(ProviderEndpoint endpoint, TimeProvider time, TimeSpan? idleLimit = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        (_time, _idleLimit) = (time, idleLimit ?? StreamWatch.DefaultLimit);
        _client = ProviderConnection.Client(endpoint);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ModelUpdate> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var watch = new StreamWatch(Api, _idleLimit, _time, cancellationToken);
        using var response = await OpenAsync(request, watch);
        var answer = new ChatAnswer(request);
        var spoke = false;
        await using var chunks = ReadAsync(response, watch, watch.Token).GetAsyncEnumerator(watch.Token);
        while (await watch.GuardAsync(() => NextAsync(chunks, answer, cancellationToken)) is { } updates)
        {
            spoke |= chunks.Current.Known;
            foreach (var update in updates)
            {
                yield return update;
            }

            watch.Heard(answer.Finished ? PatienceForUsage : null);
        }

        if (!answer.Finished)
        {
            throw watch.Ended(spoke);
        }

        foreach (var update in answer.Finish())
        {
            yield return update;
        }
    }

    /// <summary>What the next chunk shows; null at the end, which is also where a whole answer's stream breaks off or falls silent.</summary>
    private static async Task<IReadOnlyList<ModelUpdate>?> NextAsync(IAsyncEnumerator<ChatChunk> chunks, ChatAnswer answer, CancellationToken stop)
    {
        try
        {
            return !answer.Counted && await chunks.MoveNextAsync() ? answer.Take(chunks.Current) : null;
        }
        catch (Exception) when (answer.Finished && !stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<PipelineResponse> OpenAsync(ModelRequest request, StreamWatch watch)
    {
        while (true)
        {
            var dialect = _dialects.GetOrAdd(request.Model, static _ => new ChatDialect());
            try
            {
                return await watch.GuardAsync(() => SendAsync(request, dialect, watch.Token));
            }
            catch (ModelException refused) when (refused.Failure is ModelFailure.Refused or ModelFailure.Unavailable && dialect.Without(refused.Message) is { } simpler)
            {
                _dialects[request.Model] = simpler;
            }
        }
    }

    private async Task<PipelineResponse> SendAsync(ModelRequest request, ChatDialect dialect, CancellationToken cancellationToken)
    {
        var stream = _client.GetChatClient(request.Model).CompleteChatStreamingAsync(ChatHistoryMapper.Messages(request, dialect), OptionsOf(request, dialect), cancellationToken);
        await using var pages = stream.GetRawPagesAsync().GetAsyncEnumerator(cancellationToken);
        return await pages.MoveNextAsync() ? pages.Current.GetRawResponse() : throw new InvalidOperationException("The client sent no request.");
    }

    private static ChatCompletionOptions OptionsOf(ModelRequest request, ChatDialect dialect)
    {
        var options = new ChatCompletionOptions();
        foreach (var tool in request.Tools)
        {
            options.Tools.Add(ChatHistoryMapper.ToolOf(tool));
        }

        if (request.Tools.Count > 0 && dialect.ParallelToolCalls)
        {
            options.AllowParallelToolCalls = true;
        }

        if (request is { Reasons: true, ReasoningEffort: { } effort } && dialect.Effort)
        {
            options.ReasoningEffortLevel = new ChatReasoningEffortLevel(effort);
        }

        if (request.Output is { } output && dialect.ResponseFormat)
        {
            options.ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat(output.Name, BinaryData.FromString(output.Json), jsonSchemaIsStrict: true);
        }

        if (dialect.CacheKey)
        {
            options.Patch.Set("$.prompt_cache_key"u8, request.CacheKey);
        }

        if (!dialect.StreamOptions)
        {
            options.Patch.Remove("$.stream_options"u8);
        }

        return options;
    }

    private static async IAsyncEnumerable<ChatChunk> ReadAsync(PipelineResponse response, StreamWatch watch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var body = new HeardStream(response.ContentStream ?? Stream.Null, watch);
        if (response.Headers.TryGetValue("Content-Type", out var type) && type?.Contains("json", StringComparison.OrdinalIgnoreCase) is true)
        {
            // Not streamed, though asked for: one answer, whole.
            using var whole = new MemoryStream();
            await body.CopyToAsync(whole, cancellationToken);
            yield return ChatChunk.Read(whole.GetBuffer().AsSpan(0, (int)whole.Length));
            yield break;
        }

        await foreach (var item in SseParser.Create(body, Parse).EnumerateAsync(cancellationToken))
        {
            if (item.Data is { } chunk)
            {
                yield return chunk;
            }
        }
    }

    private static ChatChunk? Parse(string type, ReadOnlySpan<byte> data) =>
        data.Trim((byte)' ').SequenceEqual("[DONE]"u8) ? ChatChunk.Done : data.IsEmpty ? null : ChatChunk.Read(data);
}
