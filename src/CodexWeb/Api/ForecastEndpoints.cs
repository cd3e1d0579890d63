using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>What a task will probably take.</summary>
internal static class ForecastEndpoints
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/forecast", ForecastAsync)
            .WithName("GetForecast").WithTags("Tasks").WithSummary("Minutes and cost of an attempt, from this server's own history of the repository")
            .WithDescription("The middle half (25 to 75 %) of the newest attempts that were completed, at most 50. With fewer than three, attempts says how many there are and the rest is null. mode: code (the default) or ask. model: an id, to count the attempts of that model alone.")
            .Produces<ForecastAnswer>().ProducesValidationProblem();

    private static async Task<IResult> ForecastAsync(RepositoryId repositoryId, string? mode, string? model, Forecasts forecasts, CancellationToken cancellationToken)
    {
        if (mode is not (null or "code" or "ask"))
        {
            return Problems.Invalid("mode", $"There is no mode '{mode}'. Choose code or ask.");
        }

        var forecast = await forecasts.ForAsync(repositoryId, mode is "ask" ? TaskMode.Ask : TaskMode.Code, model, cancellationToken);
        return Results.Ok(new ForecastAnswer(
            forecast.Attempts,
            forecast.Time is { } time ? new RangeAnswer((decimal)time.From.TotalMinutes, (decimal)time.To.TotalMinutes) : null,
            forecast.Cost is { } cost ? new RangeAnswer(cost.From, cost.To) : null));
    }
}

/// <summary>A forecast.</summary>
/// <param name="Attempts">Attempts it was made from, at most 50.</param>
/// <param name="Minutes">Minutes of work; null when there are fewer than three attempts.</param>
/// <param name="Cost">US dollars; null when fewer than three of them have a known cost.</param>
internal sealed record ForecastAnswer(int Attempts, RangeAnswer? Minutes, RangeAnswer? Cost);

/// <summary>Between which values the middle half lies.</summary>
internal sealed record RangeAnswer(decimal From, decimal To);
