using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CodexWeb.Browser.Tests;
using Microsoft.Playwright;

namespace CodexWeb.Benchmarks;

/// <summary>
/// A diff of 50,000 lines in Chromium: how long the task's page takes from its address to the first rows, with words and colours to come, and how long a jump to
/// another place takes until all rows in view are there.
/// </summary>
internal static class DiffBenchmark
{
    private const int Opens = 9;
    private const double MostToOpen = 1_000;
    private const double MostToJump = 100;

    private const string Prompt = """
        Change many lines
        ```sh
        perl -e 'for (1..25000) { print "sub name_$_ { my (\$self, \$value) = \@_; return \$value * $_ + 1; }\n" }' > lib/Many.pm
        perl -e 'for (1..25000) { print "key.$_ = value number $_ of the list\n" }' > lib/words.txt
        ```
        """;

    private const string Jump = """
        async part => {
          const scroller = document.querySelector('.changes .code-list');
          const box = scroller.getBoundingClientRect();
          const inView = row => { const at = row.getBoundingClientRect(); return at.bottom > box.top && at.top < box.bottom; };
          const start = performance.now();
          scroller.scrollTop = part * scroller.scrollHeight;
          for (;;) {
            await new Promise(requestAnimationFrame);
            const rows = [...scroller.querySelectorAll('.row')].filter(inView);
            if (rows.length > 10 && rows.every(row => !row.classList.contains('coming'))) return performance.now() - start;
          }
        }
        """;

    internal static async Task<bool> RunAsync()
    {
        using var folder = new DataFolder();
        await using var server = await ServerProcess.StartAsync(folder, port: 0);
        var task = await MakeChangeAsync(server.Address);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
        });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        List<double> opens = [], jumps = [];
        for (var i = 0; i < Opens; i++)
        {
            var watch = Stopwatch.StartNew();
            await page.GotoAsync(new Uri(server.Address, $"/tasks/{task}?tab=changes").ToString(), new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
            await page.Locator(".changes .row.added .t").First.WaitForAsync();
            opens.Add(watch.Elapsed.TotalMilliseconds);
        }

        foreach (var part in (double[])[0.5, 0.9, 0.1, 0.7, 0.33, 0.99, 0.2, 0.61, 0.45])
        {
            jumps.Add(await page.EvaluateAsync<double>(Jump, part));
            // A person looks before jumping on.
            await page.WaitForTimeoutAsync(200);
        }

        // Asked after the jumps: what a page keeps of a long list must not grow with it.
        var elements = await page.EvaluateAsync<int>("() => document.querySelectorAll('.changes *').length");
        return Report("diff of 50,000 lines: open", Median(opens), MostToOpen) & Report("diff of 50,000 lines: jump", Median(jumps), MostToJump) & Report("elements in the panel", elements, 2_000, "");
    }

    private static async Task<string> MakeChangeAsync(Uri address)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        JsonElement repositories;
        while ((repositories = (await http.GetFromJsonAsync<JsonElement>("/api/v1/repositories", patience.Token)).GetProperty("items")).GetArrayLength() == 0)
        {
            await Task.Delay(200, patience.Token);
        }

        var body = new { repositoryId = repositories[0].GetProperty("id").GetString(), mode = "code", prompt = Prompt };
        using var created = await http.PostAsJsonAsync("/api/v1/tasks", body, patience.Token);
        created.EnsureSuccessStatusCode();
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>(patience.Token)).GetProperty("id").GetString()!;
        for (; ; await Task.Delay(200, patience.Token))
        {
            var attempt = (await http.GetFromJsonAsync<JsonElement>($"/api/v1/tasks/{id}", patience.Token)).GetProperty("attempts")[0];
            switch (attempt.GetProperty("status").GetString())
            {
                case "completed" when attempt.GetProperty("diff").GetProperty("added").GetInt32() == 50_000:
                    return id;
                case "completed" or "failed":
                    throw new InvalidOperationException($"The change was not made: {attempt}");
            }
        }
    }

    private static bool Report(string name, double value, double most, string unit = " ms")
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-44} {value,10:0.0}{unit} (at most {most:0}{unit}) {(value <= most ? "✓" : "✗")}"));
        return value <= most;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
