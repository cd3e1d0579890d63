using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using CodexWeb.Agent.Sandboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CodexWeb.Tests.Workspaces;

/// <summary>A host of private repositories on a loopback port: smart HTTP by Git's own <c>http-backend</c>, for those who show the right password.</summary>
internal sealed class PrivateHost : IAsyncDisposable
{
    private readonly ProcessRunner _runner = new();
    private readonly string _folder;
    private readonly WebApplication _app;

    private PrivateHost(string folder, WebApplication app) => (_folder, _app) = (folder, app);

    public string Address => _app.Urls.Single();

    /// <summary>The header with which a request comes through.</summary>
    public string Expected { get; init; } = "";

    /// <summary>Every Authorization header that came.</summary>
    public ConcurrentQueue<string> Shown { get; } = new();

    /// <summary>Answers in place of the repository; null to go on.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = static _ => Task.FromResult(false);

    /// <summary>Serves the repositories in a folder.</summary>
    public static async Task<PrivateHost> StartAsync(string folder, string userName, string password)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var host = new PrivateHost(folder, app) { Expected = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{userName}:{password}"))}" };
        app.Run(host.AnswerAsync);
        await app.StartAsync();
        return host;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var shown = http.Request.Headers.Authorization.ToString();
        if (shown.Length > 0)
        {
            Shown.Enqueue(shown);
        }

        if (await Instead(http))
        {
            return;
        }

        if (shown != Expected)
        {
            http.Response.StatusCode = 401;
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"private\"";
            return;
        }

        await ServeAsync(http);
    }

    // The other half of what a web server and a CGI program say to each other: https://git-scm.com/docs/git-http-backend
    private async Task ServeAsync(HttpContext http)
    {
        await using var backend = _runner.Start(new ProcessCommand
        {
            FileName = "git",
            Arguments = ["http-backend"],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PATH"] = HostPrograms.SearchPath,
                ["HOME"] = "/nonexistent",
                ["GIT_PROJECT_ROOT"] = _folder,
                ["GIT_HTTP_EXPORT_ALL"] = "1",
                ["GIT_CONFIG_COUNT"] = "1",
                ["GIT_CONFIG_KEY_0"] = "safe.directory",
                ["GIT_CONFIG_VALUE_0"] = "*",
                ["GIT_PROTOCOL"] = http.Request.Headers["Git-Protocol"].ToString(),
                ["REQUEST_METHOD"] = http.Request.Method,
                ["PATH_INFO"] = http.Request.Path.ToString(),
                ["QUERY_STRING"] = http.Request.QueryString.ToString().TrimStart('?'),
                ["CONTENT_TYPE"] = http.Request.ContentType ?? "",
                ["HTTP_CONTENT_ENCODING"] = http.Request.Headers.ContentEncoding.ToString(),
                ["REMOTE_USER"] = "somebody",
                ["SERVER_PROTOCOL"] = "HTTP/1.1",
            },
        });
        var error = backend.Error.CopyToAsync(Stream.Null);
        await http.Request.Body.CopyToAsync(backend.Input);
        await backend.Input.DisposeAsync();
        while (await ReadLineAsync(backend.Output) is { Length: > 0 } line)
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (name == "Status")
            {
                http.Response.StatusCode = int.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture);
            }
            else
            {
                http.Response.Headers[name] = value;
            }
        }

        await backend.Output.CopyToAsync(http.Response.Body);
        await error;
    }

    private static async Task<string> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var next = new byte[1];
        while (await stream.ReadAsync(next) == 1 && next[0] != '\n')
        {
            line.Append((char)next[0]);
        }

        return line.ToString().TrimEnd('\r');
    }
}
