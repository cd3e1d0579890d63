using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using CodexWeb.Data;
using CodexWeb.Evaluation;
using CodexWeb.Models;

namespace CodexWeb.CommandLine;

/// <summary><c>CodexWeb eval --problems FILE</c>: lets a model solve a set of problems and tells how many of them it solves.</summary>
public static class EvalCommand
{
    private static readonly int[] UsualKs = [1, 10, 100];

    private static readonly Option<string> Problems = new("--problems") { Description = "The problem file: one JSON object on each line, a function to write as HumanEval has them, or work on a repository; gzipped or not.", HelpName = "FILE", Required = true };
    private static readonly Option<string?> Model = new("--model") { Description = "The model, as provider/model. Default: the server's default.", HelpName = "MODEL" };
    private static readonly Option<bool> Reference = new("--reference") { Description = "Try the problems' own solutions instead of a model's, to see that the file and this machine are as they should be." };
    private static readonly Option<int> Samples = Number("--samples", "Answers for each problem.", 1, 10_000);
    private static readonly Option<string?> Ks = new("--k") { Description = "The k of each pass@k, with commas between; none larger than --samples. Default: those of 1, 10 and 100 that are not.", HelpName = "K,K" };
    private static readonly Option<int> Parallel = Number("--parallel", "Samples at work at once.", 4, 256);
    private static readonly Option<double?> Timeout = new("--timeout") { Description = "Seconds the tests of one sample may take. Default: 10 for a function, 600 for a repository.", HelpName = "SECONDS" };
    private static readonly Option<int> Minutes = Number("--minutes", "Minutes the model may work on a repository for one sample.", 30, 24 * 60);
    private static readonly Option<string?> Effort = new("--effort") { Description = "The reasoning effort, as the provider names it.", HelpName = "EFFORT" };
    private static readonly Option<string?> Output = new("--output") { Description = "The folder for the samples and the results. With one that has samples of this evaluation, it goes on. Default: eval-FILE-MODEL.", HelpName = "DIR" };
    private static readonly Option<bool> Json = new("--json") { Description = "Write the results as JSON instead of a table." };

    /// <summary>The command, for the root command.</summary>
    /// <param name="onApplication">Builds the application of the arguments that are settings and runs something on it.</param>
    public static Command Create(Func<ParseResult, Func<WebApplication, TextWriter, CancellationToken, Task<int>>, CancellationToken, Task<int>> onApplication)
    {
        var command = new Command("eval", "Lets a model solve a set of problems, each sample in a sandbox of its own, and tells pass@k.")
        {
            Problems, Model, Reference, Samples, Ks, Parallel, Timeout, Minutes, Effort, Output, Json,
        };
        command.SetAction((parsed, cancellationToken) => onApplication(parsed, (application, output, stop) => RunAsync(parsed, application, output, stop), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, WebApplication application, TextWriter output, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            // The models that were added in the page count too.
            await DataServices.MigrateAsync(application.Services, stop.Token);
            await application.Services.GetRequiredService<StoredProviders>().LoadAsync(stop.Token);
            var session = new EvaluationSession(application.Services);
            return await session.RunAsync(Plan(parsed), output, new Lines(parsed.InvocationConfiguration.Error), stop.Token) ? 0 : 1;
        }
        catch (EvaluationException exception)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(exception.Message);
            return 1;
        }

        void Stop(PosixSignalContext signal)
        {
            // The samples at work are given up; what was tried is kept and told.
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static EvaluationPlan Plan(ParseResult parsed)
    {
        var (problems, model, samples) = (parsed.GetValue(Problems)!, parsed.GetValue(Model), parsed.GetValue(Samples));
        var reference = parsed.GetValue(Reference);
        if (reference && (model is not null || samples > 1))
        {
            throw new EvaluationException("--reference tries each problem's own solution once: leave out --model and --samples.");
        }

        return new EvaluationPlan
        {
            Problems = problems,
            Model = model,
            Reference = reference,
            Samples = samples,
            Ks = KsOf(parsed.GetValue(Ks), samples),
            Parallel = parsed.GetValue(Parallel),
            Timeout = TimeoutOf(parsed.GetValue(Timeout)),
            WorkTime = TimeSpan.FromMinutes(parsed.GetValue(Minutes)),
            ReasoningEffort = parsed.GetValue(Effort),
            Output = Path.GetFullPath(parsed.GetValue(Output) ?? FolderOf(problems, reference ? "reference" : model ?? "default")),
            Json = parsed.GetValue(Json),
        };
    }

    private static List<int> KsOf(string? list, int samples)
    {
        if (list is null)
        {
            return [.. UsualKs.Where(k => k <= samples)];
        }

        var ks = new List<int>();
        foreach (var text in list.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var k) || k < 1)
            {
                throw new EvaluationException($"--k takes whole numbers with commas between, such as 1,10; '{text}' is none.");
            }

            if (k > samples)
            {
                throw new EvaluationException(string.Create(CultureInfo.InvariantCulture, $"pass@{k} cannot be told from {samples} samples of each problem: it needs at least {k}. Raise --samples or lower --k."));
            }

            ks.Add(k);
        }

        return [.. ks.Distinct().Order()];
    }

    private static TimeSpan? TimeoutOf(double? seconds) => seconds switch
    {
        null => null,
        > 0 and <= 86_400 => TimeSpan.FromSeconds(seconds.Value),
        _ => throw new EvaluationException("--timeout takes seconds, more than 0 and at most 86400."),
    };

    private static string FolderOf(string problems, string model)
    {
        var name = Path.GetFileName(problems);
        name = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        return $"eval-{Path.GetFileNameWithoutExtension(name)}-{string.Concat(model.Select(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' ? character : '-'))}";
    }

    private static Option<int> Number(string name, string description, int usual, int most)
    {
        var option = new Option<int>(name) { Description = string.Create(CultureInfo.InvariantCulture, $"{description} Default: {usual}."), HelpName = "N", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var given) || given < 1 || given > most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes a whole number from 1 to {most}."));
            }
        });
        return option;
    }

    // Lines of several samples at once stay lines.
    private sealed class Lines(TextWriter writer) : IProgress<string>
    {
        private readonly Lock _gate = new();

        public void Report(string value)
        {
            lock (_gate)
            {
                writer.WriteLine(value);
            }
        }
    }
}
