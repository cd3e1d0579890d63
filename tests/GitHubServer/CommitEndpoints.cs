using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>Commits, what is between two of them, and files.</summary>
internal static class CommitEndpoints
{
    public static void Map(ApiRoutes api)
    {
        const string Base = "/repos/{owner}/{name}";
        api.Get(Base + "/commits", ListAsync);
        api.Get(Base + "/commits/{reference}", OneAsync);
        api.Get(Base + "/compare/{**range}", CompareAsync);
        api.Get(Base + "/contents/{**path}", ContentAsync);
    }

    /// <summary>The commit that a branch or hash of the address names.</summary>
    public static async Task<string> ResolveAsync(HostedRepository repository, string reference) =>
        await repository.Git.CommitOfAsync(reference) ?? throw new Refusal(422, $"No commit found for SHA: {reference}");

    private static async Task<ApiAnswer> ListAsync(ApiCall call)
    {
        var repository = call.Repository();
        var start = call.Query("sha") ?? repository.DefaultBranch;
        if ((await repository.Git.BranchesAsync()).Count == 0)
        {
            throw new Refusal(409, "Git Repository is empty.");
        }

        var commit = await repository.Git.CommitOfAsync(start) ?? throw Refusal.NotFound();
        var commits = await repository.Git.LogAsync(commit);
        return call.Page(commits.Where(info => call.Since is not { } since || info.Date >= since), info => CommitJson.Of(repository, info));
    }

    private static async Task<ApiAnswer> OneAsync(ApiCall call)
    {
        var repository = call.Repository();
        var commit = await ResolveAsync(repository, call.Route("reference"));
        return CommitJson.Of(repository, (await repository.Git.LogAsync(commit, "-1"))[0]);
    }

    private static async Task<ApiAnswer> CompareAsync(ApiCall call)
    {
        var repository = call.Repository();
        var range = call.Route("range").Split("...");
        if (range is not [{ Length: > 0 } from, { Length: > 0 } to]
            || await repository.Git.CommitOfAsync(from) is not { } first
            || await repository.Git.CommitOfAsync(to) is not { } second)
        {
            throw Refusal.NotFound();
        }

        var common = await repository.Git.MergeBaseAsync(first, second) ?? throw new Refusal(404, $"No common ancestor between {from} and {to}.");
        var (ahead, behind) = (await repository.Git.CountAsync($"{first}..{second}"), await repository.Git.CountAsync($"{second}..{first}"));
        var commits = await repository.Git.LogAsync($"{first}..{second}", "--reverse");
        var files = await PullDiff.ReadAsync(repository.Git, common, second);
        var (url, page) = ($"{repository.ApiUrl}/compare/{from}...{to}", $"{repository.Page}/compare/{from}...{to}");
        return new JsonObject
        {
            ["url"] = url,
            ["html_url"] = page,
            ["permalink_url"] = $"{repository.Page}/compare/{first}...{second}",
            ["diff_url"] = $"{page}.diff",
            ["patch_url"] = $"{page}.patch",
            ["base_commit"] = CommitJson.Of(repository, (await repository.Git.LogAsync(first, "-1"))[0]),
            ["merge_base_commit"] = CommitJson.Of(repository, (await repository.Git.LogAsync(common, "-1"))[0]),
            ["status"] = (ahead, behind) switch { (0, 0) => "identical", (_, 0) => "ahead", (0, _) => "behind", _ => "diverged" },
            ["ahead_by"] = ahead,
            ["behind_by"] = behind,
            ["total_commits"] = commits.Count,
            ["commits"] = call.Page(commits, info => CommitJson.Of(repository, info)),
            ["files"] = Wire.Array(files.Files.Take(300).Select(file => (JsonNode?)file.ToJson(repository, second))),
        };
    }

    private static async Task<ApiAnswer> ContentAsync(ApiCall call)
    {
        var repository = call.Repository();
        var path = call.Route("path");
        var reference = call.Query("ref") ?? repository.DefaultBranch;
        var commit = await repository.Git.CommitOfAsync(reference) ?? throw new Refusal(404, $"No commit found for the ref {reference}");
        var entries = BareRepository.Lines((await repository.Git.RunAsync("ls-tree", "-l", "-z", commit, "--", path.TrimEnd('/'))).Replace('\0', '\n'));
        if (entries is not [var entry])
        {
            throw Refusal.NotFound();
        }

        var fields = entry[..entry.IndexOf('\t', StringComparison.Ordinal)].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields[1] == "tree")
        {
            var children = BareRepository.Lines((await repository.Git.RunAsync("ls-tree", "-l", "-z", commit, "--", path.TrimEnd('/') + "/")).Replace('\0', '\n'));
            return Wire.Array(children.Select(child => (JsonNode?)Entry(repository, reference, child)));
        }

        var content = await repository.Git.ReadAsync(fields[2]);
        if (call.Accept.Contains("raw", StringComparison.Ordinal))
        {
            return new ApiAnswer(200, Body: null) { Raw = content };
        }

        var json = Entry(repository, reference, entry);
        // Base64 in lines of 60, as GitHub breaks it; nothing beyond 1 MB.
        var small = content.Length <= 1 << 20;
        json["content"] = small ? string.Concat(Convert.ToBase64String(content).Chunk(60).Select(static line => new string(line) + "\n")) : "";
        json["encoding"] = small ? "base64" : "none";
        return json;
    }

    private static JsonObject Entry(HostedRepository repository, string reference, string line)
    {
        var path = line[(line.IndexOf('\t', StringComparison.Ordinal) + 1)..];
        var fields = line[..line.IndexOf('\t', StringComparison.Ordinal)].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var kind = fields switch { ["120000", ..] => "symlink", [_, "tree", ..] => "dir", [_, "commit", ..] => "submodule", _ => "file" };
        var (url, blob, page) = ($"{repository.ApiUrl}/contents/{path}?ref={reference}", $"{repository.ApiUrl}/git/blobs/{fields[2]}", $"{repository.Page}/blob/{reference}/{path}");
        return new JsonObject
        {
            ["name"] = path[(path.LastIndexOf('/') + 1)..],
            ["path"] = path,
            ["sha"] = fields[2],
            ["size"] = long.TryParse(fields[3], System.Globalization.CultureInfo.InvariantCulture, out var size) ? size : 0,
            ["url"] = url,
            ["html_url"] = page,
            ["git_url"] = blob,
            ["download_url"] = kind == "file" ? $"{repository.Page}/raw/{reference}/{path}" : null,
            ["type"] = kind,
            ["_links"] = new JsonObject { ["self"] = url, ["git"] = blob, ["html"] = page },
        };
    }
}

/// <summary>A commit as GitHub writes it.</summary>
internal static class CommitJson
{
    public static JsonObject Of(HostedRepository repository, GitCommitInfo commit)
    {
        JsonObject Who() => new() { ["name"] = commit.AuthorName, ["email"] = commit.AuthorEmail, ["date"] = Wire.Time(commit.Date) };
        var url = $"{repository.ApiUrl}/commits/{commit.Sha}";
        return new JsonObject
        {
            ["url"] = url,
            ["sha"] = commit.Sha,
            ["node_id"] = $"C_{commit.Sha}",
            ["html_url"] = $"{repository.Page}/commit/{commit.Sha}",
            ["comments_url"] = $"{url}/comments",
            ["commit"] = new JsonObject
            {
                ["url"] = $"{repository.ApiUrl}/git/commits/{commit.Sha}",
                ["author"] = Who(),
                ["committer"] = Who(),
                ["message"] = commit.Message,
                ["comment_count"] = 0,
                ["tree"] = new JsonObject { ["sha"] = commit.Tree, ["url"] = $"{repository.ApiUrl}/git/trees/{commit.Tree}" },
                ["verification"] = new JsonObject { ["verified"] = false, ["reason"] = "unsigned", ["payload"] = null, ["signature"] = null, ["verified_at"] = null },
            },
            ["author"] = null,
            ["committer"] = null,
            ["parents"] = Wire.Array(commit.Parents.Select(parent => (JsonNode?)new JsonObject { ["sha"] = parent, ["url"] = $"{repository.ApiUrl}/commits/{parent}", ["html_url"] = $"{repository.Page}/commit/{parent}" })),
        };
    }
}
