using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Writes the few files a Git folder is made of, for folders that no agent has written to yet.</summary>
internal sealed class GitSkeleton(HostAccount account)
{
    // minimal, trustctime: a copied or copied-up file has another inode and change time, but the same content.
    private const string Configuration =
        """
        [core]
        	repositoryformatversion = 0
        	filemode = true
        	bare = false
        	logallrefupdates = true
        	checkStat = minimal
        	trustctime = false
        	fsync = none
        [gc]
        	auto = 0
        [maintenance]
        	auto = false

        """;

    private const string AgentConfiguration =
        """
        [user]
        	name = CodexWeb
        	email = codexweb@localhost
        [commit]
        	gpgSign = false
        [advice]
        	detachedHead = false

        """;

    /// <summary>Makes a Git folder without refs and index.</summary>
    /// <param name="head">The content of HEAD.</param>
    /// <param name="agentConfiguration">True for the one an agent uses: it names a committer.</param>
    /// <param name="alternates">The folder with the objects.</param>
    internal void Make(string folder, string head, bool agentConfiguration, string alternates)
    {
        foreach (var path in new[] { "", "refs", "refs/heads", "objects", "objects/info", "objects/pack", "info" })
        {
            account.MakeFolder(Path.Combine(folder, path));
        }

        Write(Path.Combine(folder, "HEAD"), head);
        Write(Path.Combine(folder, "config"), agentConfiguration ? Configuration + AgentConfiguration : Configuration);
        Write(Path.Combine(folder, "objects/info/alternates"), alternates + "\n");
    }

    /// <summary>Writes a small file that belongs to the account.</summary>
    internal void Write(string path, string content)
    {
        File.WriteAllText(path, content);
        account.Own(path);
    }

    /// <summary>Writes a ref and the folders of its name.</summary>
    /// <param name="folder">The Git folder.</param>
    /// <param name="name">A full, valid name: <c>refs/heads/main</c>.</param>
    internal void WriteRef(string folder, string name, string commit)
    {
        var path = folder;
        var parts = name.Split('/');
        foreach (var part in parts[..^1])
        {
            path = Path.Combine(path, part);
            account.MakeFolder(path);
        }

        Write(Path.Combine(path, parts[^1]), commit + "\n");
    }
}
