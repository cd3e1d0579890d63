using System.Collections.Immutable;
using CodexWeb.Agent.Sandboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CodexWeb.EmulatedGitHub;

/// <summary>
/// A GitHub of its own for tests, on a loopback port: its REST and GraphQL, its pages for OAuth and Apps, Git over smart HTTP from real repositories, and signed webhooks.
/// What it answers follows GitHub's published OpenAPI description; what it keeps is in memory, but for the repositories, which are in a temporary folder.
/// </summary>
public sealed class GitHubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private ImmutableList<HostedAccount> _accounts = [];
    private ImmutableList<HostedRepository> _repositories = [];
    private long _lastId = 1000;

    private GitHubServer(WebApplication app, TimeProvider time)
    {
        _app = app;
        Time = time;
        Root = Directory.CreateTempSubdirectory("codexweb-github-").FullName;
        Credentials = new Credentials(this);
        Webhooks = new WebhookSender(this);
        Apps = new AppRegistry(this);
        OAuth = new OAuthApps(this);
    }

    /// <summary>The address of the pages and of Git.</summary>
    public Uri Web { get; private set; } = null!;

    /// <summary>The address of the REST API, as an Enterprise Server has it.</summary>
    public Uri Api { get; private set; } = null!;

    /// <summary>Every request so far, in order of arrival.</summary>
    public RequestRecord Requests { get; } = new();

    /// <summary>Every password, token and JWT that any request carried.</summary>
    public IReadOnlyCollection<string> TokensSeen => Requests.Secrets;

    /// <summary>Everyone and every organisation there is.</summary>
    public IReadOnlyList<HostedAccount> Accounts => _accounts;

    /// <summary>Every repository there is.</summary>
    public IReadOnlyList<HostedRepository> Repositories => _repositories;

    /// <summary>Who is signed in on the pages, and so agrees to what is asked there. Null: the first user.</summary>
    public HostedAccount? SignedIn { get; set; }

    /// <summary>The webhooks sent, and how to send them again.</summary>
    public WebhookSender Webhooks { get; }

    /// <summary>The GitHub Apps.</summary>
    public AppRegistry Apps { get; }

    /// <summary>The OAuth apps.</summary>
    public OAuthApps OAuth { get; }

    /// <summary>What goes wrong next, and the limits of use.</summary>
    public Faults Faults { get; } = new();

    internal Credentials Credentials { get; }

    internal TimeProvider Time { get; }

    internal ProcessRunner Processes { get; } = new();

    internal string Root { get; }

    /// <summary>Starts a server without users and repositories.</summary>
    /// <param name="time">Null: the system's clock.</param>
    public static async Task<GitHubServer> StartAsync(TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var server = new GitHubServer(app, time ?? TimeProvider.System);
        GitHubRoutes.Map(app, server);
        await app.StartAsync();
        server.Web = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        server.Api = new Uri(server.Web, GitHubRoutes.Prefix);
        return server;
    }

    /// <summary>Adds a person.</summary>
    public HostedAccount AddUser(string login) => Add(new HostedAccount(this, NextId(), login, AccountKind.User));

    /// <summary>Adds an organisation, of which the given people are members.</summary>
    public HostedAccount AddOrganisation(string login, params HostedAccount[] members)
    {
        var organisation = Add(new HostedAccount(this, NextId(), login, AccountKind.Organization));
        foreach (var member in members)
        {
            organisation.AddMember(member);
        }

        return organisation;
    }

    /// <summary>Makes a classic personal access token.</summary>
    /// <param name="scopes">What it may; none given: <c>repo</c>, <c>read:org</c> and <c>workflow</c>.</param>
    /// <returns>The token's text.</returns>
    public string AddToken(HostedAccount user, params string[] scopes) => Credentials.AddPersonal(user, scopes.Length == 0 ? ["repo", "read:org", "workflow"] : scopes);

    /// <summary>Makes a fine-grained personal access token, which may read and write these repositories and names no scopes.</summary>
    /// <returns>The token's text.</returns>
    public string AddFineGrainedToken(HostedAccount user, params HostedRepository[] repositories) => Credentials.AddFineGrained(user, repositories);

    /// <summary>Makes a token of no use any more, as its owner would on the page.</summary>
    public void Revoke(string token) => Credentials.Revoke(token);

    /// <summary>Adds a repository with one commit of the given files on <c>main</c>; without files it is empty.</summary>
    /// <param name="fullName"><c>owner/name</c>; an owner nobody has heard of becomes an organisation.</param>
    /// <param name="isPrivate">True: only those who are allowed (<see cref="HostedRepository.Allow"/>) and the owner see it.</param>
    public async Task<HostedRepository> AddRepositoryAsync(string fullName, IEnumerable<(string Path, string Content)>? files = null, bool isPrivate = true)
    {
        var repository = AddBare(fullName, isPrivate);
        if (files is not null)
        {
            await repository.Git.CommitAsync("main", "First", files.Select(static file => (file.Path, (string?)file.Content)));
        }

        return repository;
    }

    /// <summary>Adds a repository with the branches of a Git folder.</summary>
    public async Task<HostedRepository> AddRepositoryAsync(string fullName, string folder, bool isPrivate = true)
    {
        var repository = AddBare(fullName, isPrivate);
        await repository.Git.RunAsync("fetch", "--quiet", "--", Path.GetFullPath(folder), "refs/heads/*:refs/heads/*");
        return repository;
    }

    /// <summary>The repository of a name; a former name counts too.</summary>
    public HostedRepository Repository(string fullName) => Find(fullName) ?? throw new ArgumentException($"There is no repository {fullName}.", nameof(fullName));

    /// <summary>Gives a repository another name or owner; the old addresses answer with redirects from now on.</summary>
    public async Task RenameAsync(HostedRepository repository, string fullName)
    {
        var from = repository.FullName;
        repository.MoveTo(OwnerOf(fullName), fullName[(fullName.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        var (owner, name) = (from[..from.IndexOf('/', StringComparison.Ordinal)], from[(from.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        await Webhooks.RepositoryMovedAsync(repository, owner, name);
    }

    /// <summary>Deletes a repository.</summary>
    public void Delete(HostedRepository repository) => ImmutableInterlocked.Update(ref _repositories, list => list.Remove(repository));

    /// <summary>Lets the next request, or several, go wrong.</summary>
    public void Next(Fault fault, int times = 1) => Faults.Add(fault, times);

    /// <summary>Sends webhooks of every repository to an address, signed with a secret, as a GitHub App's are.</summary>
    public void SendWebhooksTo(Uri address, string secret) => Webhooks.SendTo(address, secret);

    public async ValueTask DisposeAsync()
    {
        Faults.Release();
        await Webhooks.DisposeAsync();
        await _app.DisposeAsync();
        Apps.Dispose();
        try
        {
            Directory.Delete(Root, recursive: true);
        }
        catch (IOException)
        {
            // A Git that was cut off may still be writing; the folder harms nobody.
        }
    }

    internal long NextId() => Interlocked.Increment(ref _lastId);

    internal DateTimeOffset Now() => Time.GetUtcNow();

    internal HostedAccount? Account(string login) => _accounts.Find(account => string.Equals(account.Login, login, StringComparison.OrdinalIgnoreCase));

    internal HostedRepository? Find(string fullName) => _repositories.Find(repository => repository.IsCalled(fullName)) ?? _repositories.Find(repository => repository.WasCalled(fullName));

    internal HostedRepository? Find(long id) => _repositories.Find(repository => repository.Id == id);

    internal HostedAccount Visitor() => SignedIn ?? _accounts.Find(static account => account.Kind == AccountKind.User) ?? throw new InvalidOperationException("Nobody is signed in: add a user first.");

    internal HostedRepository AddBare(string fullName, bool isPrivate)
    {
        var id = NextId();
        var git = BareRepository.Create(Processes, Path.Combine(Root, $"{id}.git"), Time);
        var repository = new HostedRepository(this, id, OwnerOf(fullName), fullName[(fullName.IndexOf('/', StringComparison.Ordinal) + 1)..], git) { Private = isPrivate };
        ImmutableInterlocked.Update(ref _repositories, list => list.Add(repository));
        return repository;
    }

    private HostedAccount OwnerOf(string fullName)
    {
        var login = fullName[..fullName.IndexOf('/', StringComparison.Ordinal)];
        return Account(login) ?? AddOrganisation(login);
    }

    private HostedAccount Add(HostedAccount account)
    {
        ImmutableInterlocked.Update(ref _accounts, list => list.Add(account));
        return account;
    }
}
