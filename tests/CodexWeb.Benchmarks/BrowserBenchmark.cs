using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace CodexWeb.Benchmarks;

/// <summary>
/// How long an event takes from the log into the page: twenty attempts stream numbered lines at once, and browsers look at some of them. Compared are the time an event was stored
/// (which does not yet include the commit) and the moment its line was in the document; both by the clock of this machine.
/// </summary>
internal static partial class BrowserBenchmark
{
    private const int Attempts = 20;
    private const int Watched = 5;
    private const int Lines = 150;
    private const double MostMilliseconds = 250;
    private const string Chromium = "/usr/bin/chromium";

    // A line counts from the first time it is seen anywhere in the document.
    private const string Observe = """
        window.seen = {};
        new MutationObserver(changes => {
          const now = Date.now();
          const note = text => { for (const found of text.matchAll(/tick-(\d+)\./g)) window.seen[found[1]] ??= now; };
          for (const change of changes) {
            if (change.type === 'characterData') note(change.target.data);
            for (const added of change.addedNodes) note(added.textContent ?? '');
          }
        }).observe(document, { subtree: true, childList: true, characterData: true });
        """;

    internal static async Task<bool> RunAsync()
    {
        await using var folder = new BenchmarkFolder();
        await using var server = await MeasuredServer.StartAsync(
            folder,
            new Dictionary<string, string>(StringComparer.Ordinal),
            "--Demo:Pace", "1", "--Attempts:MaxParallel", Attempts.ToString(CultureInfo.InvariantCulture));
        var repository = await server.ConnectAsync(await folder.MakeRepositoryAsync(files: 200));
        var tasks = new List<StartedTask>();
        for (var number = 0; number < Attempts; number++)
        {
            tasks.Add(await server.SubmitAsync(repository, "Begin\n\n```sh\ntrue\n```"));
        }

        await Task.WhenAll(tasks.Select(server.CompletedAsync));
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var pages = new List<IPage>();
        foreach (var task in tasks.Take(Watched))
        {
            pages.Add(await OpenAsync(browser, new Uri(server.Address, $"/tasks/{task.Id}")));
        }

        var stream = string.Create(CultureInfo.InvariantCulture, $"Stream\n\n```sh\nfor i in $(seq {Lines}); do echo \"tick-$i.\"; sleep 0.1; done\n```");
        await Task.WhenAll(tasks.Select(task => server.FollowUpAsync(task, stream)));
        await Task.WhenAll(tasks.Select(server.CompletedAsync));
        return await CompareAsync(server, tasks, pages);
    }

    private static async Task<IPage> OpenAsync(IBrowser browser, Uri address)
    {
        var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.AddInitScriptAsync(Observe);
        await page.GotoAsync(address.AbsoluteUri, new PageGotoOptions { WaitUntil = WaitUntilState.NetworkIdle });
        return page;
    }

    private static async Task<bool> CompareAsync(MeasuredServer server, List<StartedTask> tasks, List<IPage> pages)
    {
        List<double> delays = [];
        var missed = 0;
        for (var number = 0; number < Watched; number++)
        {
            var stored = StoredAt(await server.EventsAsync(tasks[number]));
            var seen = await pages[number].EvaluateAsync<Dictionary<string, double>>("() => window.seen");
            missed += stored.Keys.Count(line => !seen.ContainsKey(line));
            delays.AddRange(seen.Where(line => stored.ContainsKey(line.Key)).Select(line => line.Value - stored[line.Key]));
        }

        Report.Spread(string.Create(CultureInfo.InvariantCulture, $"{delays.Count} lines from log to document, {Attempts} attempts, {Watched} pages"), delays, "ms");
        Console.WriteLine($"lines stored and never drawn: {missed}");
        return Report.AtMost("log to document, 95 %", Report.Quantile(delays, 0.95), MostMilliseconds, "ms") & missed == 0;
    }

    // For each line the time of the first event that holds it, in milliseconds since 1970 as the browser counts them.
    private static Dictionary<string, double> StoredAt(List<JsonElement> events)
    {
        var stored = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var logged in events)
        {
            foreach (Match line in Line().Matches(logged.GetRawText()))
            {
                stored.TryAdd(line.Groups[1].Value, logged.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds());
            }
        }

        return stored;
    }

    [GeneratedRegex(@"tick-(\d+)\.", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}
