using System.Text.Json;
using CodexWeb.Models.Demo.Scripts;
using Microsoft.Extensions.Options;

namespace CodexWeb.Models.Demo;

/// <summary>Answers <c>POST /responses</c>. Keeps nothing of a conversation but the count for its simulated prompt cache.</summary>
internal sealed class ResponsesEndpoint(PrefixCache cache, TimeProvider time, IOptions<DemoOptions> options)
{
    /// <summary>Reads the request and writes the answer, streamed or whole.</summary>
    public async Task<IResult> AnswerAsync(HttpContext http, CancellationToken cancellationToken)
    {
        ResponsesRequest request;
        try
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: cancellationToken);
            request = ResponsesRequest.Read(body.RootElement.Clone());
        }
        catch (ApiErrorException exception)
        {
            return exception.Error;
        }
        catch (JsonException exception)
        {
            return new ApiError(StatusCodes.Status400BadRequest, $"We could not parse the JSON body of your request: {exception.Message}");
        }
        catch (BadHttpRequestException exception)
        {
            return new ApiError(exception.StatusCode, exception.Message);
        }

        var step = DemoHandOver.IsAsked(request) ? DemoHandOver.Write(request) : new Replay(DemoTurn.Of(request)).Next(turn => Scenario.Play(turn));
        var items = ItemsOf(step, request);
        var response = new ResponseJson(request, items, cache.Count(request), time.GetUtcNow());
        if (!request.Stream)
        {
            return Results.Json(response.Done());
        }

        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["x-request-id"] = OutputItem.NewId("req");
        await new ResponseStream(http.Response.Body, time, options.Value.Pace).WriteAsync(response, items, cancellationToken);
        return Results.Empty;
    }

    private static List<OutputItem> ItemsOf(Step step, ResponsesRequest request)
    {
        var items = new List<OutputItem>();
        if (step.Thought is { Length: > 0 } thought && request.Summaries)
        {
            items.Add(new OutputItem.Reasoning(thought, request.Encrypted));
        }

        if (step.Say.Length > 0)
        {
            items.Add(new OutputItem.Message(step.Say));
        }

        foreach (var use in step.Uses.Where(use => use.Output is null))
        {
            items.Add(request.CustomTools.Contains(use.Tool) ? new OutputItem.CustomCall(use.Tool, use.FreeText) : new OutputItem.FunctionCall(use.Tool, use.Arguments));
        }

        return items;
    }
}
