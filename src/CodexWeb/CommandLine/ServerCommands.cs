using System.CommandLine;
using System.Data.Common;
using CodexWeb.Data;
using CodexWeb.Health;
using CodexWeb.Models;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CodexWeb.CommandLine;

/// <summary>The command line of the server's program: serve (when no command is named), <c>doctor</c>, <c>migrate</c>, <c>eval</c> and <c>apply-patch</c>.</summary>
public static class ServerCommands
{
    // The doctor's table says all that its log would.
    private const string Quiet = "--Logging:LogLevel:CodexWeb.Health=None";

    // Why it could not start is said in a sentence below; the host would say it before, with a page of code places.
    private const string NoStackTraces = "--Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host=Critical";

    // An evaluation tells by itself what comes of each request.
    private const string NoRequests = "--Logging:LogLevel:Default=Error";

    /// <summary>Runs what the arguments ask for.</summary>
    /// <param name="build">Makes the application of the arguments that are settings, as ASP.NET Core takes them.</param>
    /// <param name="others">Commands that need no application.</param>
    /// <returns>The exit code: 0 when it was done, 1 when not.</returns>
    public static Task<int> RunAsync(string[] arguments, Func<string[], WebApplication> build, params Command[] others)
    {
        var root = new RootCommand("CodexWeb: a coding agent that works on your repositories, in a browser. Without a command it starts the server. "
            + "Settings are given as --Group:Name=value; README.md lists them.");
        root.SetAction((parsed, cancellationToken) => OnApplicationAsync(parsed, settings => build([.. settings, NoStackTraces]), ServeAsync, cancellationToken));

        var doctor = new Command("doctor", "Checks this installation, one line each; exit code 1 when one fails.");
        doctor.SetAction((parsed, cancellationToken) => OnApplicationAsync(parsed, settings => build([.. settings, Quiet]), CheckAsync, cancellationToken));
        root.Subcommands.Add(doctor);

        var migrate = new Command("migrate", "Brings the database up to this version. Starting the server does so too.");
        migrate.SetAction((parsed, cancellationToken) => OnApplicationAsync(parsed, build, MigrateAsync, cancellationToken));
        root.Subcommands.Add(migrate);

        var eval = EvalCommand.Create((parsed, run, cancellationToken) => OnApplicationAsync(parsed, settings => build([.. settings, NoRequests]), run, cancellationToken));
        root.Subcommands.Add(eval);

        // What System.CommandLine does not know is a setting.
        foreach (var command in new Command[] { root, doctor, migrate, eval })
        {
            command.TreatUnmatchedTokensAsErrors = false;
        }

        foreach (var other in others)
        {
            root.Subcommands.Add(other);
        }

        // The host ends on signals itself, and takes the time it needs.
        return root.Parse(arguments).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, CancellationToken.None);
    }

    private static async Task<int> OnApplicationAsync(ParseResult parsed, Func<string[], WebApplication> build, Func<WebApplication, TextWriter, CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        var settings = parsed.UnmatchedTokens.ToArray();
        var error = parsed.InvocationConfiguration.Error;
        if (settings is [var first, ..] && !first.StartsWith('-') && !first.Contains('=', StringComparison.Ordinal))
        {
            await error.WriteLineAsync($"There is no command '{first}'. CodexWeb --help names them.");
            return 1;
        }

        try
        {
            await using var application = build(settings);
            return await run(application, parsed.InvocationConfiguration.Output, cancellationToken);
        }
        catch (SettingsException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return 1;
        }
        catch (OptionsValidationException exception)
        {
            await error.WriteLineAsync(new SettingsException([.. exception.Failures]).Message);
            return 1;
        }
        catch (DbException exception)
        {
            await error.WriteLineAsync($"CodexWeb cannot start: its database cannot be used: {exception.Message} Look at the data folder (Data:Directory): is there space, may the server write there, is codexweb.db whole?");
            return 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // An address in use, a data folder that cannot be made: what it is stands in the message.
            await error.WriteLineAsync($"CodexWeb cannot start: {exception.Message}");
            return 1;
        }
    }

    private static async Task<int> ServeAsync(WebApplication application, TextWriter output, CancellationToken cancellationToken)
    {
        using var hold = DataFolderHold.Take(application.Services.GetRequiredService<Agent.Workspaces.WorkspacePaths>().DataDirectory);
        await DataServices.MigrateAsync(application.Services, cancellationToken);
        await application.Services.GetRequiredService<StoredProviders>().LoadAsync(cancellationToken);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (IOException)
        {
            // The address is in use. What had started by then ends in order; else its end is reported as a failure of its own.
            await application.StopAsync(CancellationToken.None);
            throw;
        }

        // A server that is no Kestrel (a test's) has no addresses.
        foreach (var address in application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            await output.WriteLineAsync($"CodexWeb is ready at {address}  (Ctrl+C stops it)");
        }

        await application.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static async Task<int> CheckAsync(WebApplication application, TextWriter output, CancellationToken cancellationToken)
    {
        await DataServices.MigrateAsync(application.Services, cancellationToken);
        await application.Services.GetRequiredService<StoredProviders>().LoadAsync(cancellationToken);
        var report = await application.Services.GetRequiredService<Doctor>().CheckAsync(cancellationToken);
        var width = report.Checks.Max(check => check.Name.Length);
        foreach (var check in report.Checks)
        {
            await output.WriteLineAsync($"{Mark(check),-4}  {check.Name.PadRight(width)}  {check.Detail}");
            if (check.Fix is { } fix)
            {
                await output.WriteLineAsync($"      {new string(' ', width)}  -> {fix}");
            }
        }

        await output.WriteLineAsync();
        await output.WriteLineAsync(report.CanRunTasks ? "Tasks can run." : report.Problem);
        return report.Checks.All(check => check.Passed) ? 0 : 1;
    }

    private static async Task<int> MigrateAsync(WebApplication application, TextWriter output, CancellationToken cancellationToken)
    {
        await using var db = await application.Services.GetRequiredService<IDbContextFactory<CodexDb>>().CreateDbContextAsync(cancellationToken);
        Directory.CreateDirectory(application.Services.GetRequiredService<Agent.Workspaces.WorkspacePaths>().DataDirectory);
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        await DataServices.MigrateAsync(application.Services, cancellationToken);
        await output.WriteLineAsync(pending.Count == 0 ? "The database is up to date." : $"Applied: {string.Join(", ", pending)}");
        return 0;
    }

    private static string Mark(HealthCheck check) => check switch
    {
        { Passed: false } => "FAIL",
        { Fix: null } => "ok",
        _ => "note",
    };
}
