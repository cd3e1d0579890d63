using System.Text;
using CodexWeb.Agent.Workspaces;
using Microsoft.AspNetCore.Http;

namespace CodexWeb.Tests.Workspaces;

/// <summary>Real Git against a real host on a loopback port that wants a password.</summary>
public sealed class GitCredentialTests : IAsyncLifetime
{
    private const string UserName = "x-access-token";
    private const string Password = "ghs_thisisthesecretofthistest0123456789";
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly FixedCredentials credentials = new();
    private readonly TestGround ground;
    private PrivateHost host = null!;

    public GitCredentialTests() => ground = new TestGround(credentials);

    private string Url => $"{host.Address}/origin";

    private static string Encoded => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{UserName}:{Password}"));

    public async Task InitializeAsync()
    {
        host = await PrivateHost.StartAsync(ground.Folder, UserName, Password);
        credentials.Host = host.Address;
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        ground.Dispose();
    }

    [Fact]
    public async Task A_private_repository_is_fetched_and_pushed_to()
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));

        Assert.Equal(new RepositoryDescription("origin", "main"), await ground.Mirrors.ConnectAsync(TestGround.Key, Url, None));
        Assert.Equal(start, await ground.Mirrors.ResolveAsync(TestGround.Key, "main", None));

        var work = await ground.RecordAsync("attempt", start, ("a.txt", "two\n"));
        await ground.Push.PushAsync(TestGround.Key, Url, work, "codexweb/x", None);

        Assert.Equal(work, await ground.GitAsync(ground.Origin, "rev-parse", "codexweb/x"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(ground.Paths.Pipes));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(ground.Paths.Pipes));
    }

    [Fact]
    public async Task A_wrong_password_is_said_with_what_to_do_and_without_the_password()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        credentials.Password = "wrong-but-secret";

        var failure = await FailureAsync();

        Assert.Equal(OriginRefusal.WrongSignIn, failure.Refusal);
        Assert.StartsWith($"{Url} does not take the sign-in the server has for it: it is wrong, expired or revoked. Connect again in Settings.", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-but-secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_password_is_told_apart_from_a_wrong_one()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        credentials.Password = null;

        var failure = await FailureAsync();

        Assert.Equal(OriginRefusal.WantsSignIn, failure.Refusal);
        Assert.StartsWith($"{Url} asks for a sign-in, which the server does not have. Connect again in Settings.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_forbids_a_push_is_quoted_without_what_it_says_back_of_the_secret()
    {
        var start = await ground.MakeOriginAsync(("a.txt", "one\n"));
        await ground.Mirrors.ConnectAsync(TestGround.Key, Url, None);
        var work = await ground.RecordAsync("attempt", start, ("a.txt", "two\n"));
        host.Instead = async http =>
        {
            if (http.Request.Headers.Authorization.Count == 0)
            {
                return false;
            }

            http.Response.StatusCode = 403;
            http.Response.ContentType = "text/plain";
            await http.Response.WriteAsync($"Permission to acme/api.git denied to {Password} ({Encoded}).");
            return true;
        };

        var failure = await Assert.ThrowsAsync<RepositoryException>(() => ground.Push.PushAsync(TestGround.Key, Url, work, "codexweb/x", None));

        Assert.Equal(OriginRefusal.NotAllowed, failure.Refusal);
        Assert.Equal("remote: Permission to acme/api.git denied to [secret] ([secret]).", failure.HostSaid);
        Assert.DoesNotContain(Password, failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Encoded, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_a_fetch_runs_no_process_and_no_file_shows_the_secret()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Instead = async http =>
        {
            if (http.Request.Method == "POST" && http.Request.Headers.Authorization.Count > 0)
            {
                reached.TrySetResult();
                await goOn.Task;
            }

            return false;
        };

        var connecting = ground.Mirrors.ConnectAsync(TestGround.Key, Url, None);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var pipe = Assert.Single(Directory.EnumerateFileSystemEntries(ground.Paths.Pipes));
        var shown = Sightings(ground.Paths.DataDirectory, pipe).ToList();
        goOn.SetResult();
        await connecting;

        Assert.Empty(shown);
        Assert.Empty(Sightings(ground.Paths.DataDirectory, pipe));
    }

    [Fact]
    public async Task Another_host_that_the_first_one_sends_to_is_not_shown_the_secret()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        await using var other = await PrivateHost.StartAsync(ground.Folder, UserName, Password);
        host.Instead = http =>
        {
            http.Response.Redirect($"{other.Address}{http.Request.Path}{http.Request.QueryString}");
            return Task.FromResult(http.Request.Headers.Authorization.Count > 0 || http.Request.Query.ContainsKey("service"));
        };

        var failure = await FailureAsync();

        Assert.Empty(other.Shown);
        Assert.Contains("terminal prompts disabled", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://host.invalid/acme/api.git")]
    [InlineData("https://host.invalid/acme/api.git?x=@127.0.0.1")]
    public async Task A_secret_is_not_even_looked_up_for_an_address_that_could_leak_it(string url)
    {
        credentials.Host = "http";

        await Assert.ThrowsAsync<RepositoryException>(() => ground.Mirrors.ConnectAsync(TestGround.Key, url, None));

        Assert.Equal(0, credentials.Asked);
    }

    [Fact]
    public async Task Git_that_asks_again_and_again_gets_nothing_in_the_end_instead_of_waiting()
    {
        using var pipe = CredentialPipe.Open(ground.Folder, new GitCredential(UserName, Password));
        var answers = new List<string>();
        for (var time = 0; time < 12; time++)
        {
            var result = await ground.Git.RunAsync(
                new GitCommand(Directory: null, "credential", "fill")
                {
                    Settings = pipe.SettingsFor(host.Address),
                    Environment = new Dictionary<string, string>(StringComparer.Ordinal) { [pipe.Variable.Key] = pipe.Variable.Value },
                    Input = Encoding.UTF8.GetBytes($"url={host.Address}/origin\n\n"),
                    Timeout = TimeSpan.FromSeconds(20),
                },
                None);
            answers.Add(Encoding.UTF8.GetString(result.Output.Span));
        }

        Assert.Contains($"password={Password}\n", answers[0], StringComparison.Ordinal);
        Assert.DoesNotContain("password", answers[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_gone_when_a_fetch_is_cancelled()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        using var cancel = new CancellationTokenSource();
        host.Instead = async http =>
        {
            await cancel.CancelAsync();
            return false;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ground.Mirrors.ConnectAsync(TestGround.Key, Url, cancel.Token));

        Assert.Empty(Directory.EnumerateFileSystemEntries(ground.Paths.Pipes));
    }

    [Fact]
    public async Task What_an_earlier_server_left_is_removed()
    {
        await ground.MakeOriginAsync(("a.txt", "one\n"));
        Directory.CreateDirectory(ground.Paths.Pipes);
        await File.WriteAllTextAsync(Path.Combine(ground.Paths.Pipes, "left"), "");

        await ground.Mirrors.ConnectAsync(TestGround.Key, Url, None);

        Assert.Empty(Directory.EnumerateFileSystemEntries(ground.Paths.Pipes));
    }

    [Fact]
    public void A_credential_shows_nothing_and_takes_no_line_ends()
    {
        Assert.Equal("[credential]", new GitCredential(UserName, Password).ToString());
        Assert.Throws<ArgumentException>(() => new GitCredential("user\nhost=evil", Password));
        Assert.Throws<ArgumentException>(() => new GitCredential(UserName, ""));
    }

    private Task<RepositoryException> FailureAsync() => Assert.ThrowsAsync<RepositoryException>(() => ground.Mirrors.ConnectAsync(TestGround.Key, Url, None));

    /// <summary>Where the secret or its encoded form can be seen: arguments and environments of all processes, files below a folder.</summary>
    private static IEnumerable<string> Sightings(string folder, string pipe)
    {
        var files = Directory.EnumerateDirectories("/proc").Where(process => Path.GetFileName(process).All(char.IsAsciiDigit))
            .SelectMany(process => new[] { $"{process}/cmdline", $"{process}/environ" })
            .Concat(Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }).Where(file => file != pipe));
        foreach (var file in files)
        {
            byte[] content;
            try
            {
                content = File.ReadAllBytes(file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The process ended, or belongs to somebody else.
                continue;
            }

            if (content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Password)) >= 0 || content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Encoded)) >= 0)
            {
                yield return file;
            }
        }
    }

    private sealed class FixedCredentials : IGitCredentials
    {
        public string Host { get; set; } = "";

        public string? Password { get; set; } = GitCredentialTests.Password;

        public int Asked { get; private set; }

        public ValueTask<GitCredential?> FindAsync(string url, CancellationToken cancellationToken)
        {
            Asked++;
            return ValueTask.FromResult(Password is not null && url.StartsWith(Host, StringComparison.Ordinal) ? new GitCredential(UserName, Password) : null);
        }

        public string Advice(string url) => "Connect again in Settings.";
    }
}
