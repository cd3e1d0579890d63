using System.Diagnostics;

namespace CodexWeb.Benchmarks;

/// <summary>How long a person waits before the model has their prompt: from before the request that starts the task to the arrival of the first model request, in a server that has run tasks before.</summary>
internal static class SubmitBenchmark
{
    private const int Warm = 2;
    private const int Tasks = 25;
    private const double MostMilliseconds = 150;

    internal static async Task<bool> RunAsync()
    {
        await using var folder = new BenchmarkFolder();
        await using var model = await ScriptedModel.StartAsync();
        await using var server = await MeasuredServer.StartAsync(folder, model.ServerEnvironment);
        var repository = await server.ConnectAsync(await folder.MakeRepositoryAsync(files: 200));
        List<double> cold = [], warm = [], answers = [];
        for (var number = 0; number < Warm + Tasks; number++)
        {
            model.Then(ScriptedModel.Message("Done."));
            var begun = Stopwatch.GetTimestamp();
            var task = await server.SubmitAsync(repository, "Say that you are done");
            var answered = Stopwatch.GetElapsedTime(begun);
            await server.CompletedAsync(task);
            var arrived = Stopwatch.GetElapsedTime(begun, model.TakeCalls()[0].Arrived);
            (number < Warm ? cold : warm).Add(arrived.TotalMilliseconds);
            if (number >= Warm)
            {
                answers.Add(answered.TotalMilliseconds);
            }
        }

        Report.Spread("submit to first model request, the first two tasks", cold, "ms");
        Report.Spread("  the answer to the request that starts a task, when warm", answers, "ms");
        Report.Spread("submit to first model request, from the third task on", warm, "ms");
        return Report.AtMost("submit to first model request when warm, median", Report.Quantile(warm, 0.5), MostMilliseconds, "ms");
    }
}
