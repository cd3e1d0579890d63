if (args is not [var name])
{
    await Console.Error.WriteLineAsync("Usage: dotnet run -c Release --project tests/CodexWeb.Benchmarks -- NAME");
    return 1;
}

await Console.Error.WriteLineAsync($"There is no benchmark named '{name}'.");
return 1;
