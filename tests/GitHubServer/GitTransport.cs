using System.Globalization;
using System.Text;
using CodexWeb.Agent.Sandboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CodexWeb.EmulatedGitHub;

/// <summary>Git over smart HTTP, done by Git's own <c>git http-backend</c>; who may read and write is decided here.</summary>
internal static class GitTransport
{
    private static readonly string[] Services = ["/info/refs", "/git-upload-pack", "/git-receive-pack"];

    public static bool IsGit(HttpRequest request) => Services.Any(service => request.Path.Value!.EndsWith(service, StringComparison.Ordinal));

    public static void Map(WebApplication app, GitHubServer server)
    {
        foreach (var (method, service) in (ReadOnlySpan<(string, string)>)[("GET", "/info/refs"), ("POST", "/git-upload-pack"), ("POST", "/git-receive-pack")])
        {
            app.MapMethods("/{owner}/{name}" + service, [method], (HttpContext context, string owner, string name) => ServeAsync(server, context, owner, name, service));
        }
    }

    private static async Task ServeAsync(GitHubServer server, HttpContext context, string owner, string name, string service)
    {
        if (await server.Faults.StrikeAsync(context))
        {
            return;
        }

        var bareName = name.EndsWith(".git", StringComparison.Ordinal) ? name[..^4] : name;
        var writes = service == "/git-receive-pack" || context.Request.Query["service"] == "git-receive-pack";
        var repository = server.Find($"{owner}/{bareName}");
        var caller = CallerOf(server, context.Request);
        var role = caller is null || repository is null ? RepositoryRole.None : Access.RoleOf(caller, repository);
        if (caller is null || (caller is Caller.Anonymous && (writes || role == RepositoryRole.None)))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"GitHub\"";
            await RefuseAsync(context, 401, caller is null ? "Invalid username or token. Password authentication is not supported for Git operations." : "No anonymous write access.");
        }
        else if (repository is null || role == RepositoryRole.None)
        {
            await RefuseAsync(context, 404, "Repository not found.");
        }
        else if (writes && (role < RepositoryRole.Write || repository.Archived))
        {
            await RefuseAsync(context, 403, repository.Archived ? "This repository was archived so it is read-only." : $"Permission to {repository.FullName}.git denied to {caller.Author.Login}.");
        }
        else if (!repository.IsCalled($"{owner}/{bareName}"))
        {
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = $"{repository.CloneUrl}{service}{context.Request.QueryString}";
        }
        else
        {
            await ServeAsync(server, context, repository, service, caller);
        }
    }

    private static async Task ServeAsync(GitHubServer server, HttpContext context, HostedRepository repository, string service, Caller caller)
    {
        if (service != "/git-receive-pack")
        {
            await RunAsync(server, context, repository, service);
            return;
        }

        // One push after the other, so that each sees what it changed.
        await repository.Pushing.WaitAsync(context.RequestAborted);
        try
        {
            var before = await repository.Git.BranchesAsync();
            await RunAsync(server, context, repository, service);
            await repository.PushedAsync(before, caller.Author);
        }
        finally
        {
            repository.Pushing.Release();
        }
    }

    /// <summary>Whose request it is; null when the password is good for nothing.</summary>
    private static Caller? CallerOf(GitHubServer server, HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return new Caller.Anonymous();
        }

        var secret = header.Split(' ', 2) is [var scheme, var parameter]
            ? scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ? RequestRecord.Basic(parameter)?.Password : parameter
            : null;
        return secret is null ? null : server.Credentials.Find(secret);
    }

    private static async Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(message);
    }

    /// <summary>Runs the program as a web server would (RFC 3875).</summary>
    private static async Task RunAsync(GitHubServer server, HttpContext context, HostedRepository repository, string service)
    {
        var request = context.Request;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = HostPrograms.SearchPath,
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_CONFIG_SYSTEM"] = "/dev/null",
            ["GIT_PROJECT_ROOT"] = repository.Git.Folder,
            ["GIT_HTTP_EXPORT_ALL"] = "1",
            ["PATH_INFO"] = service,
            ["REQUEST_METHOD"] = request.Method,
            ["QUERY_STRING"] = request.QueryString.Value?.TrimStart('?') ?? "",
            ["CONTENT_TYPE"] = request.ContentType ?? "",
            ["REMOTE_ADDR"] = "127.0.0.1",
            ["REMOTE_USER"] = "somebody",
        };
        foreach (var (name, header) in (ReadOnlySpan<(string, string)>)[("CONTENT_LENGTH", "Content-Length"), ("HTTP_CONTENT_ENCODING", "Content-Encoding"), ("GIT_PROTOCOL", "Git-Protocol")])
        {
            if (request.Headers[header] is [{ } value, ..])
            {
                environment[name] = value;
            }
        }

        await using var process = server.Processes.Start(new ProcessCommand { FileName = "git", Arguments = ["http-backend"], Environment = environment });
        using var aborted = context.RequestAborted.Register(process.Kill);
        var errors = process.Error.CopyToAsync(Stream.Null);
        var input = SendAsync(request.Body, process.Input);
        await AnswerAsync(process.Output, context.Response);
        await input;
        await errors;
        await process.Exit;
    }

    private static async Task SendAsync(Stream body, Stream input)
    {
        try
        {
            await using (input)
            {
                await body.CopyToAsync(input);
            }
        }
        catch (IOException)
        {
            // The program has read what it wanted.
        }
    }

    private static async Task AnswerAsync(Stream output, HttpResponse response)
    {
        while (await LineAsync(output) is { Length: > 0 } line)
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (name.Equals("Status", StringComparison.OrdinalIgnoreCase))
            {
                response.StatusCode = int.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture);
            }
            else
            {
                response.Headers[name] = value;
            }
        }

        await output.CopyToAsync(response.Body);
    }

    private static async Task<string> LineAsync(Stream output)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await output.ReadAsync(one) == 1 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString().TrimEnd('\r');
    }
}
