namespace CodexWeb.Agent.Sandboxes;

/// <summary>The environment variables inside a sandbox; nothing of the server's is among them.</summary>
internal static class SandboxEnvironment
{
    private static readonly string[] ToolFolders = ["/usr/local/go/bin", "/usr/local/cargo/bin", "/usr/share/dotnet", "/usr/lib/dotnet", "/opt/dotnet", "/usr/lib/go/bin"];

    /// <summary>The variables of every command.</summary>
    /// <param name="added">The environment's own, which win.</param>
    /// <exception cref="SandboxException">A name or value cannot be a variable's.</exception>
    internal static Dictionary<string, string> Build(IReadOnlyDictionary<string, string> added)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = string.Join(':', ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", .. ToolFolders.Where(Directory.Exists)]),
            ["HOME"] = "/home/codex",
            ["USER"] = "codex",
            ["LOGNAME"] = "codex",
            ["SHELL"] = "/bin/bash",
            ["LANG"] = "C.UTF-8",
            ["LC_ALL"] = "C.UTF-8",
            ["TERM"] = "dumb",
            ["NO_COLOR"] = "1",
            ["CI"] = "1",
            ["PAGER"] = "cat",
            ["GIT_PAGER"] = "cat",
            ["GIT_TERMINAL_PROMPT"] = "0",
        };
        Add(variables, added);
        return variables;
    }

    /// <summary>The variables of one command.</summary>
    /// <exception cref="SandboxException">A name or value cannot be a variable's.</exception>
    internal static Dictionary<string, string> ForCommand(IReadOnlyDictionary<string, string> every, SandboxCommand command)
    {
        var variables = new Dictionary<string, string>(every, StringComparer.Ordinal);
        if (command.Terminal)
        {
            variables["TERM"] = "xterm-256color";
        }

        Add(variables, command.Environment);
        return variables;
    }

    private static void Add(Dictionary<string, string> variables, IReadOnlyDictionary<string, string> added)
    {
        foreach (var (name, value) in added)
        {
            if (!IsName(name) || value.Contains('\0', StringComparison.Ordinal))
            {
                throw new SandboxException($"The environment variable \"{name}\" cannot be set: a name has letters, digits and underscores only, and a value no NUL.");
            }

            variables[name] = value;
        }
    }

    private static bool IsName(string name)
        => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');
}
