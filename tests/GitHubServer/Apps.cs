using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A GitHub App with a key of its own.</summary>
public sealed class HostedApp : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private ImmutableList<HostedInstallation> _installations = [];

    internal HostedApp(GitHubServer server, string name, HostedAccount owner)
    {
        Server = server;
        Id = server.NextId();
        Name = name;
        Slug = string.Concat(name.ToLowerInvariant().Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        Owner = owner;
        Bot = new HostedAccount(server, server.NextId(), $"{Slug}[bot]", AccountKind.Bot);
        CreatedAt = server.Now();
        ClientId = $"Iv1.{Credentials.RandomText(16)}";
        ClientSecret = Credentials.RandomText(40);
        WebhookSecret = Credentials.RandomText(40);
    }

    public long Id { get; }

    public string Name { get; }

    public string Slug { get; }

    public HostedAccount Owner { get; }

    /// <summary>Who shows as the author of what the App writes.</summary>
    public HostedAccount Bot { get; }

    public string ClientId { get; }

    public string ClientSecret { get; }

    public string WebhookSecret { get; }

    /// <summary>The private key, as the person downloads it (PKCS #1).</summary>
    public string Pem => _key.ExportRSAPrivateKeyPem();

    /// <summary>Where the App installs itself to; null: none.</summary>
    public string? SetupUrl { get; internal set; }

    /// <summary>Where users are sent back to.</summary>
    public ImmutableList<string> CallbackUrls { get; internal set; } = [];

    /// <summary>What an installation allows: <c>read</c> or <c>write</c> for each resource.</summary>
    public ImmutableSortedDictionary<string, string> Permissions { get; internal set; } = ImmutableSortedDictionary<string, string>.Empty
        .Add("checks", "read").Add("contents", "write").Add("issues", "write").Add("metadata", "read").Add("pull_requests", "write").Add("statuses", "read");

    public ImmutableList<string> Events { get; internal set; } = ["check_run", "issue_comment", "pull_request", "pull_request_review", "pull_request_review_comment", "push"];

    public IReadOnlyList<HostedInstallation> Installations => _installations;

    internal GitHubServer Server { get; }

    internal DateTimeOffset CreatedAt { get; }

    internal RSA Key => _key;

    /// <summary>Installs the App on an account.</summary>
    /// <param name="repositories">None given: all of the account, those to come too.</param>
    public async Task<HostedInstallation> InstallAsync(HostedAccount account, params HostedRepository[] repositories)
    {
        var installation = new HostedInstallation(this, account, repositories.Length == 0 ? null : [.. repositories]);
        ImmutableInterlocked.Update(ref _installations, list => list.Add(installation));
        await Server.Webhooks.InstallationAsync("installation", "created", installation, Server.SignedIn ?? Owner, new JsonObject { ["repositories"] = installation.ShortRepositories() });
        return installation;
    }

    public void Dispose() => _key.Dispose();

    internal void Remove(HostedInstallation installation) => ImmutableInterlocked.Update(ref _installations, list => list.Remove(installation));

    internal HostedInstallation? InstallationFor(HostedRepository repository) => _installations.Find(installation => installation.Covers(repository));

    internal JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["slug"] = Slug,
        ["node_id"] = $"A_{Id}",
        ["client_id"] = ClientId,
        ["owner"] = Owner.ToJson(),
        ["name"] = Name,
        ["description"] = null,
        ["external_url"] = Server.Web.ToString(),
        ["html_url"] = $"{Server.Web}github-apps/{Slug}",
        ["created_at"] = Wire.Time(CreatedAt),
        ["updated_at"] = Wire.Time(CreatedAt),
        ["permissions"] = PermissionsJson(),
        ["events"] = Wire.Array(Events),
        ["installations_count"] = _installations.Count,
    };

    internal JsonObject PermissionsJson()
    {
        var json = new JsonObject();
        foreach (var (name, level) in Permissions)
        {
            json[name] = level;
        }

        return json;
    }
}

/// <summary>An App on an account.</summary>
public sealed class HostedInstallation
{
    private ImmutableList<HostedRepository>? _chosen;

    internal HostedInstallation(HostedApp app, HostedAccount account, ImmutableList<HostedRepository>? chosen)
    {
        App = app;
        Account = account;
        Id = app.Server.NextId();
        CreatedAt = app.Server.Now();
        _chosen = chosen;
    }

    public HostedApp App { get; }

    public HostedAccount Account { get; }

    public long Id { get; }

    /// <summary>When it was put on hold; null: it works.</summary>
    public DateTimeOffset? SuspendedAt { get; private set; }

    /// <summary>The repositories it covers.</summary>
    public IEnumerable<HostedRepository> Repositories => App.Server.Repositories.Where(Covers);

    internal DateTimeOffset CreatedAt { get; }

    /// <summary>Puts it on hold, so that none of its tokens work, or lets it go on.</summary>
    public async Task SuspendAsync(bool suspended)
    {
        SuspendedAt = suspended ? App.Server.Now() : null;
        if (suspended)
        {
            App.Server.Credentials.RevokeAll(this);
        }

        await App.Server.Webhooks.InstallationAsync("installation", suspended ? "suspend" : "unsuspend", this, App.Owner, []);
    }

    /// <summary>Takes the App off the account.</summary>
    public async Task UninstallAsync()
    {
        App.Remove(this);
        App.Server.Credentials.RevokeAll(this);
        await App.Server.Webhooks.InstallationAsync("installation", "deleted", this, App.Owner, new JsonObject { ["repositories"] = ShortRepositories() });
    }

    /// <summary>Chooses the repositories anew.</summary>
    public async Task ChooseAsync(params HostedRepository[] repositories)
    {
        var before = Repositories.ToList();
        _chosen = [.. repositories];
        await ChangedAsync("added", repositories.Except(before), removed: []);
        await ChangedAsync("removed", added: [], before.Except(repositories));
    }

    internal bool Covers(HostedRepository repository) => SuspendedAt is null && (_chosen?.Contains(repository) ?? repository.Owner == Account);

    internal bool MayWrite(string resource) => App.Permissions.GetValueOrDefault(resource) is "write" or "admin" || (resource == "issues" && App.Permissions.GetValueOrDefault("pull_requests") == "write");

    /// <summary>What a token of it may do, as if it were a person.</summary>
    internal RepositoryRole RoleIn(HostedRepository repository) =>
        !Covers(repository) ? repository.Private ? RepositoryRole.None : RepositoryRole.Read
        : MayWrite("contents") ? RepositoryRole.Write
        : RepositoryRole.Triage;

    internal JsonArray ShortRepositories() => Short(Repositories);

    internal JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["client_id"] = App.ClientId,
        ["account"] = Account.ToJson(),
        ["repository_selection"] = _chosen is null ? "all" : "selected",
        ["access_tokens_url"] = $"{App.Server.Api}/app/installations/{Id}/access_tokens",
        ["repositories_url"] = $"{App.Server.Api}/installation/repositories",
        ["html_url"] = Account.Kind == AccountKind.Organization ? $"{App.Server.Web}organizations/{Account.Login}/settings/installations/{Id}" : $"{App.Server.Web}settings/installations/{Id}",
        ["app_id"] = App.Id,
        ["app_slug"] = App.Slug,
        ["target_id"] = Account.Id,
        ["target_type"] = Account.Kind.ToString(),
        ["permissions"] = App.PermissionsJson(),
        ["events"] = Wire.Array(App.Events),
        ["created_at"] = Wire.Time(CreatedAt),
        ["updated_at"] = Wire.Time(CreatedAt),
        ["single_file_name"] = null,
        ["has_multiple_single_files"] = false,
        ["single_file_paths"] = new JsonArray(),
        ["suspended_by"] = SuspendedAt is null ? null : Account.ToJson(),
        ["suspended_at"] = Wire.Time(SuspendedAt),
    };

    private static JsonArray Short(IEnumerable<HostedRepository> repositories) => Wire.Array(repositories.Select(static repository => (JsonNode?)new JsonObject
    {
        ["id"] = repository.Id,
        ["node_id"] = $"R_{repository.Id}",
        ["name"] = repository.Name,
        ["full_name"] = repository.FullName,
        ["private"] = repository.Private,
    }));

    private async Task ChangedAsync(string action, IEnumerable<HostedRepository> added, IEnumerable<HostedRepository> removed)
    {
        var (more, less) = (Short(added), Short(removed));
        if (more.Count + less.Count > 0)
        {
            await App.Server.Webhooks.InstallationAsync("installation_repositories", action, this, App.Owner, new JsonObject { ["repository_selection"] = "selected", ["repositories_added"] = more, ["repositories_removed"] = less, ["requester"] = null });
        }
    }
}

/// <summary>The Apps there are, and those about to be.</summary>
public sealed class AppRegistry : IDisposable
{
    private readonly GitHubServer _server;
    private ImmutableList<HostedApp> _all = [];
    private ImmutableDictionary<string, JsonObject> _manifests = ImmutableDictionary<string, JsonObject>.Empty;

    internal AppRegistry(GitHubServer server) => _server = server;

    public IReadOnlyList<HostedApp> All => _all;

    /// <summary>Registers an App by hand.</summary>
    public HostedApp Add(string name, HostedAccount owner)
    {
        var app = new HostedApp(_server, name, owner);
        ImmutableInterlocked.Update(ref _all, list => list.Add(app));
        return app;
    }

    public void Dispose()
    {
        foreach (var app in _all)
        {
            app.Dispose();
        }
    }

    /// <summary>Keeps a manifest until its code is converted.</summary>
    internal string Keep(JsonObject manifest, HostedAccount owner)
    {
        var code = Credentials.RandomText(40);
        manifest["owner"] = owner.Login;
        ImmutableInterlocked.TryAdd(ref _manifests, code, manifest);
        return code;
    }

    /// <summary>Makes the App of a manifest, once for each code.</summary>
    internal HostedApp Convert(string code)
    {
        if (!ImmutableInterlocked.TryRemove(ref _manifests, code, out var manifest))
        {
            throw Refusal.NotFound();
        }

        var app = Add(manifest["name"]!.GetValue<string>(), _server.Account(manifest["owner"]!.GetValue<string>())!);
        app.SetupUrl = manifest["setup_url"]?.GetValue<string>();
        app.CallbackUrls = manifest["callback_urls"] is JsonArray urls ? [.. urls.Select(static url => url!.GetValue<string>())] : [];
        if (manifest["default_permissions"] is JsonObject permissions)
        {
            app.Permissions = permissions.ToImmutableSortedDictionary(static pair => pair.Key, static pair => pair.Value!.GetValue<string>(), StringComparer.Ordinal).SetItem("metadata", "read");
        }

        app.Events = manifest["default_events"] is JsonArray events ? [.. events.Select(static name => name!.GetValue<string>())] : [];
        if (manifest["hook_attributes"] is JsonObject hook && hook["active"]?.GetValue<bool>() is not false && hook["url"]?.GetValue<string>() is { } url)
        {
            _server.Webhooks.SendTo(new Uri(url), app.WebhookSecret, app);
        }

        return app;
    }

    /// <summary>The App that a JWT is signed by.</summary>
    /// <exception cref="Refusal">It is not good, and why.</exception>
    internal HostedApp Authenticate(string jwt) => AppJwt.Check(jwt, _server.Now(), issuer => _all.Find(app => app.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) == issuer || app.ClientId == issuer));
}
