using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Evaluation.Functions;

/// <summary>
/// Judges a candidate for a function. Candidate and test run in two sandboxes that know nothing of each other; this class carries calls and answers between them.
/// The verdict is the test process's own word, so that nothing the candidate does to its process, to the language or to files can make it.
/// </summary>
internal sealed class FunctionJudge(ISandboxDriver driver, string emptyFolder, TimeSpan timeout, TimeProvider time)
{
    private static readonly string Values = Text("Values.py");
    private static readonly string Candidate = Values + Text("Candidate.py");
    private static readonly string Judge = Values + Text("Judge.py");

    /// <summary>Says what is missing here for judging.</summary>
    /// <returns>A sentence with the remedy; null when nothing is.</returns>
    /// <exception cref="SandboxException">There is no sandbox to look in.</exception>
    public async Task<string?> ObstacleAsync(CancellationToken cancellationToken)
    {
        await using var sandbox = await StartAsync(cancellationToken);
        var python = await sandbox.StartAsync(new SandboxCommand { Script = "exec python3 -I -c 'import ast, decimal, fractions, json, sys; sys.exit(sys.version_info < (3, 8))'" }, cancellationToken);
        await foreach (var _ in python.Output.ReadAllAsync(cancellationToken))
        {
            // What it says instead is told below.
        }

        return (await python.Exit.WaitAsync(cancellationToken)).Code == 0
            ? null
            : "Functions are judged with Python 3.8 or newer, and there is none in the sandbox, which sees the system's own folders only: sudo apt-get install python3";
    }

    /// <summary>Runs the problem's test against a candidate.</summary>
    /// <param name="answer">Whose code it is.</param>
    /// <exception cref="SandboxException">A sandbox could not be started.</exception>
    public async Task<Judgement> JudgeAsync(FunctionProblem problem, CodeAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Programs.Count == 0)
        {
            return new Judgement(SampleOutcome.NoCode, "The answer is empty.");
        }

        await using var cell = await StartAsync(cancellationToken);
        await using var court = await StartAsync(cancellationToken);
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await JudgeAsync(problem, answer, await RunAsync(cell, Candidate, either.Token), await RunAsync(court, Judge, either.Token), either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new Judgement(SampleOutcome.TimedOut, string.Create(CultureInfo.InvariantCulture, $"The test did not end within {timeout.TotalSeconds:0.#} seconds."));
        }
    }

    private static async Task<Judgement> JudgeAsync(FunctionProblem problem, CodeAnswer answer, MessageLines candidate, MessageLines judge, CancellationToken cancellationToken)
    {
        var order = new JsonObject { ["programs"] = new JsonArray([.. answer.Programs.Select(static program => JsonValue.Create(program))]), ["entry"] = problem.EntryPoint };
        if (!await SendAsync(candidate, order, cancellationToken) || await candidate.ReadAsync(cancellationToken) is not { } first)
        {
            return await CrashedAsync(candidate, "while its code was loaded", cancellationToken);
        }

        if (Refusal(first, answer) is { } refused)
        {
            return refused;
        }

        await SendAsync(judge, new JsonObject { ["prompt"] = problem.Prompt, ["entry"] = problem.EntryPoint, ["test"] = problem.Test }, cancellationToken);
        while (await judge.ReadAsync(cancellationToken) is { } message)
        {
            // A call is passed on as it is; the judge, whose messages these are, writes this field first.
            if (message.Span.StartsWith("{\"verdict\":"u8))
            {
                var verdict = JsonNode.Parse(message.Span)!;
                return new Judgement(Outcome(verdict["verdict"]!.GetValue<string>()), verdict["detail"]!.GetValue<string>());
            }

            if (!await candidate.SendAsync(message, cancellationToken) || await candidate.ReadAsync(cancellationToken) is not { } reply)
            {
                return await CrashedAsync(candidate, "when its function was called", cancellationToken);
            }

            await judge.SendAsync(reply, cancellationToken);
        }

        return new Judgement(SampleOutcome.Crashed, $"The test ended without a verdict.{Reason(await judge.Exit.WaitAsync(cancellationToken))}");
    }

    /// <summary>What the candidate's process said instead of being ready; null when it is ready, or says what nobody can read: then the calls will show.</summary>
    private static Judgement? Refusal(ReadOnlyMemory<byte> message, CodeAnswer answer)
    {
        try
        {
            var json = JsonNode.Parse(message.Span) as JsonObject;
            if (json?["unreadable"]?.GetValue<string>() is { } problem)
            {
                return new Judgement(answer.Marked ? SampleOutcome.Failed : SampleOutcome.NoCode, problem);
            }

            return json?["raised"]?[0]?.GetValue<string>() is { } raised
                ? new Judgement(SampleOutcome.Failed, $"It raised {raised} while it was loaded: {json["text"]?.GetValue<string>()}")
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static SampleOutcome Outcome(string verdict) => verdict switch
    {
        "passed" => SampleOutcome.Passed,
        "failed" => SampleOutcome.Failed,
        _ => SampleOutcome.Unjudged,
    };

    private static async Task<Judgement> CrashedAsync(MessageLines candidate, string when, CancellationToken cancellationToken)
    {
        // One that wrote too much is still alive.
        var ended = await Task.WhenAny(candidate.Exit, Task.Delay(TimeSpan.FromSeconds(1), cancellationToken)) == candidate.Exit;
        return new Judgement(SampleOutcome.Crashed, ended ? $"Its process ended {when}.{Reason(await candidate.Exit)}" : $"It wrote what is no answer {when}.");
    }

    private static string Reason(SandboxExit exit) =>
        exit switch
        {
            { Reason: { } reason } => $" {reason}",
            { Code: { } code } => string.Create(CultureInfo.InvariantCulture, $" Its exit code was {code}."),
            _ => string.Create(CultureInfo.InvariantCulture, $" Signal {exit.Signal} ended it."),
        };

    private static Task<bool> SendAsync(MessageLines to, JsonObject message, CancellationToken cancellationToken) =>
        to.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), cancellationToken);

    // The program comes in a variable of this one command: Python needs no file then, and standard input stays for messages.
    private static async Task<MessageLines> RunAsync(ISandbox sandbox, string program, CancellationToken cancellationToken) => new(await sandbox.StartAsync(
        new SandboxCommand
        {
            Script = "exec python3 -I -B -c 'import os; exec(compile(os.environ.pop(\"CODEXWEB_PROGRAM\"), \"harness\", \"exec\"))'",
            WorkingDirectory = "/tmp",
            KeepInput = true,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["CODEXWEB_PROGRAM"] = program },
        },
        cancellationToken));

    private static string Text(string name)
    {
        using var stream = typeof(FunctionJudge).Assembly.GetManifestResourceStream($"CodexWeb.Evaluation.Functions.Harness.{name}")
            ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd() + "\n";
    }

    private Task<ISandbox> StartAsync(CancellationToken cancellationToken) => driver.StartAsync(
        new SandboxSpec
        {
            Workspace = new WorkspaceMount.Folder(emptyFolder),
            ReadOnlyWorkspace = true,
            Limits = new SandboxLimits { MemoryMiB = 1024, Processes = 64, FileSizeMiB = 64, ScratchMiB = 64, CpuSeconds = (int)Math.Min(timeout.TotalSeconds + 5, 3600) },
        },
        cancellationToken);
}
