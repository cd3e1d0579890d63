using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexWeb.Benchmarks;

/// <summary>
/// What a step of an attempt costs besides the model: an attempt of 40 tool calls and a final message in a real server, its wall time from the first event of its log to the last
/// (workspace, sandbox and end included) minus the time the model had the word. Once with a model that answers at once, which hides nothing, once with one that takes a moment.
/// </summary>
internal static class AttemptBenchmark
{
    private const int Steps = 40;
    private const int PatchEach = 10;
    private const int Rounds = 7;
    private const int Warm = 2;
    private const double MostMilliseconds = 20;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    internal static async Task<bool> RunAsync()
    {
        await using var folder = new BenchmarkFolder();
        await using var model = await ScriptedModel.StartAsync();
        await using var server = await MeasuredServer.StartAsync(folder, model.ServerEnvironment);
        var repository = await server.ConnectAsync(await folder.MakeRepositoryAsync(files: 200));
        for (var round = 0; round < Warm; round++)
        {
            await MeasureAsync(server, model, repository);
        }

        var atOnce = await CompareAsync("the model answers at once", server, model, repository);
        model.Thinks = Moment;
        var soon = await CompareAsync(string.Create(CultureInfo.InvariantCulture, $"the model takes {Moment.TotalMilliseconds:0} ms"), server, model, repository);
        return Report.AtMost("a step besides a model that answers at once", atOnce, MostMilliseconds, "ms")
            & Report.AtMost(string.Create(CultureInfo.InvariantCulture, $"a step besides a model that takes {Moment.TotalMilliseconds:0} ms"), soon, MostMilliseconds, "ms");
    }

    /// <summary>Measures some attempts.</summary>
    /// <returns>The median milliseconds of a step besides the model.</returns>
    private static async Task<double> CompareAsync(string how, MeasuredServer server, ScriptedModel model, string repository)
    {
        List<double> whole = [], loop = [];
        for (var round = 0; round < Rounds; round++)
        {
            var (wall, between) = await MeasureAsync(server, model, repository);
            whole.Add(wall / Steps);
            loop.Add(between / Steps);
        }

        Console.WriteLine($"{how}; for each of {Steps} steps, besides the model:");
        Report.Spread("  the whole attempt, from its first event to its last", whole, "ms");
        Report.Spread("  between the first request and the last answer", loop, "ms");
        return Report.Quantile(whole, 0.5);
    }

    private static async Task<(double Wall, double Between)> MeasureAsync(MeasuredServer server, ScriptedModel model, string repository)
    {
        for (var step = 1; step <= Steps; step++)
        {
            var callId = string.Create(CultureInfo.InvariantCulture, $"call_{step}");
            model.Then(step % PatchEach == 0
                ? ScriptedModel.Custom(callId, "apply_patch", string.Create(CultureInfo.InvariantCulture, $"*** Begin Patch\n*** Add File: notes/step{step}.txt\n+Step {step} was here.\n*** End Patch"))
                : ScriptedModel.Function(callId, "exec_command", new JsonObject { ["cmd"] = "true" }));
        }

        model.Then(ScriptedModel.Message("Done."));
        var task = await server.SubmitAsync(repository, "Take forty steps");
        await server.CompletedAsync(task);
        var calls = model.TakeCalls();
        var events = await server.EventsAsync(task);
        RequireAllDone(events);
        var modelTime = calls.Sum(call => call.Milliseconds);
        var wall = (events[^1].GetProperty("at").GetDateTimeOffset() - events[0].GetProperty("at").GetDateTimeOffset()).TotalMilliseconds;
        return (wall - modelTime, Stopwatch.GetElapsedTime(calls[0].Arrived, calls[^1].Answered).TotalMilliseconds - modelTime);
    }

    private static void RequireAllDone(List<JsonElement> events)
    {
        var done = events
            .Where(logged => logged.GetProperty("type").GetString() is "item.completed")
            .Select(logged => logged.GetProperty("item"))
            .Count(item => item.GetProperty("type").GetString() is "command_execution" or "file_change" && item.GetProperty("status").GetString() is "completed");
        if (done != Steps)
        {
            throw new InvalidOperationException($"{done} of {Steps} tool calls did what they should.");
        }
    }
}
