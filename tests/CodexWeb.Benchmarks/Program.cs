using CodexWeb.Benchmarks;

Dictionary<string, Func<Task<bool>>> benchmarks = new(StringComparer.Ordinal)
{
    ["attempt"] = AttemptBenchmark.RunAsync,
    ["browser"] = BrowserBenchmark.RunAsync,
    ["events"] = EventsBenchmark.RunAsync,
    ["diff"] = DiffBenchmark.RunAsync,
    ["sandbox"] = SandboxBenchmark.RunAsync,
    ["submit"] = SubmitBenchmark.RunAsync,
    ["workspace"] = WorkspaceBenchmark.RunAsync,
};

if (args is not [var name] || !benchmarks.TryGetValue(name, out var benchmark))
{
    await Console.Error.WriteLineAsync($"Usage: dotnet run -c Release --project tests/CodexWeb.Benchmarks -- NAME\nNames: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

return await benchmark() ? 0 : 1;
