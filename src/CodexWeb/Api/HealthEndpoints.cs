using CodexWeb.Health;

namespace CodexWeb.Api;

/// <summary>Whether the server lives, whether it can run tasks, and what the doctor found.</summary>
internal static class HealthEndpoints
{
    private const string Tag = "Health";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", static () => new Alive("ok"))
            .WithName("GetLiveness").WithTags(Tag).WithSummary("Is the process alive?");
        app.MapGet("/readyz", ReadyAsync)
            .WithName("GetReadiness").WithTags(Tag).WithSummary("Can the server run tasks?")
            .WithDescription("503 with the reasons when it cannot. In its first moments the server waits for the first check before it answers.")
            .Produces<Ready>().ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        app.MapGet("/api/v1/doctor", static (Doctor doctor) => doctor.Last)
            .WithName("GetDoctor").WithTags(Tag).WithSummary("What the last check of this installation found");
        app.MapPost("/api/v1/doctor", static (Doctor doctor, CancellationToken cancellationToken) => doctor.CheckAsync(cancellationToken))
            .WithName("RunDoctor").WithTags(Tag).WithSummary("Check this installation now");
    }

    private static async Task<IResult> ReadyAsync(Doctor doctor, CancellationToken cancellationToken)
    {
        var report = await doctor.FirstOrLastAsync(cancellationToken);
        return report.CanRunTasks
            ? Results.Ok(new Ready("ready"))
            : Results.Problem(
                report.Problem,
                title: "Not ready",
                statusCode: StatusCodes.Status503ServiceUnavailable,
                extensions: new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["reasons"] = report.Checks.Where(check => check is { Passed: false, Required: true }).Select(check => $"{check.Name}: {check.Detail} {check.Fix}".TrimEnd()).ToList(),
                });
    }

    internal sealed record Alive(string Status);

    internal sealed record Ready(string Status);
}
