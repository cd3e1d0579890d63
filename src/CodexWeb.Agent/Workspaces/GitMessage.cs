namespace CodexWeb.Agent.Workspaces;

/// <summary>Turns what Git says on standard error into a sentence for people.</summary>
internal static class GitMessage
{
    private const int MaxLength = 300;

    /// <summary>Git's own words: the lines that say what went wrong, without control characters, at most 300 characters.</summary>
    internal static string Shorten(string error)
    {
        var lines = error.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var telling = lines.Where(line => line.StartsWith("fatal:", StringComparison.Ordinal) || line.StartsWith("error:", StringComparison.Ordinal)
            || line.StartsWith("remote:", StringComparison.Ordinal) || line.StartsWith('!')).ToList();
        var text = string.Join(' ', telling.Count > 0 ? telling : lines.TakeLast(2));
        text = string.Concat(text.Where(character => !char.IsControl(character)));
        return text.Length switch
        {
            0 => "Git gave no reason.",
            > MaxLength => string.Concat(text.AsSpan(0, MaxLength), "…"),
            _ => text,
        };
    }

    /// <summary>The lines a host sent for people.</summary>
    internal static string RemoteLines(string error) => string.Join('\n', error.Split('\n').Where(said => said.StartsWith("remote:", StringComparison.Ordinal)));

    /// <summary>Why an origin could not be read or written, and what to do.</summary>
    internal static string Explain(RepositoryUrl url, string error)
    {
        var advice = Advice(url, error);
        var shortened = Shorten(error);
        return advice is null ? $"Git could not reach {url}: {shortened}" : $"{advice} (Git said: {shortened})";
    }

    /// <summary>Like <see cref="Explain"/>, and in which way the host refused.</summary>
    /// <param name="signInAdvice">What to do about a sign-in.</param>
    internal static RepositoryException Failure(RepositoryUrl url, OriginAnswer answer, string signInAdvice)
    {
        var refusal = RefusalOf(answer);
        var said = RemoteLines(answer.Error) is { Length: > 0 } remote ? Shorten(remote) : null;
        var message = refusal switch
        {
            OriginRefusal.WantsSignIn => $"{url} asks for a sign-in, which the server does not have. {signInAdvice} (Git said: {Shorten(answer.Error)})",
            OriginRefusal.WrongSignIn => $"{url} does not take the sign-in the server has for it: it is wrong, expired or revoked. {signInAdvice} (Git said: {Shorten(answer.Error)})",
            OriginRefusal.NotAllowed => $"{url} does not allow this to the server. {signInAdvice} (Git said: {Shorten(answer.Error)})",
            OriginRefusal.NotFound when answer.SignedIn => $"There is no Git repository at {url}, or what the server signs in with may not see it. Check the address. {signInAdvice} (Git said: {Shorten(answer.Error)})",
            _ => Explain(url, answer.Error),
        };
        return new RepositoryException(message) { Refusal = refusal, HostSaid = said };
    }

    // Git's words: https://github.com/git/git/blob/master/http.c and remote-curl.c.
    private static OriginRefusal? RefusalOf(OriginAnswer answer)
    {
        bool Says(params string[] words) => words.Any(word => answer.Error.Contains(word, StringComparison.OrdinalIgnoreCase));

        return answer.Error switch
        {
            _ when Says("Authentication failed", "error: 401") => answer.SignedIn ? OriginRefusal.WrongSignIn : OriginRefusal.WantsSignIn,
            _ when Says("could not read Username", "could not read Password", "terminal prompts disabled") => answer.SignedIn ? OriginRefusal.WrongSignIn : OriginRefusal.WantsSignIn,
            _ when Says("error: 403") => OriginRefusal.NotAllowed,
            _ when Says("Repository not found", "error: 404") || (Says("fatal: repository") && Says("not found")) => OriginRefusal.NotFound,
            _ => null,
        };
    }

    private static string? Advice(RepositoryUrl url, string error)
    {
        bool Says(params string[] words) => words.Any(word => error.Contains(word, StringComparison.OrdinalIgnoreCase));

        return error switch
        {
            _ when Says("Permission denied (publickey", "Permission denied, please try again")
                => $"{url} does not accept the SSH key of the server's user. Add that user's public key there.",
            _ when Says("Host key verification failed")
                => $"The server's user does not know the host of {url} yet. Run ssh to that host once as that user and accept its key.",
            _ when Says("Could not resolve host", "Name or service not known", "Temporary failure in name resolution")
                => $"The host of {url} was not found. Check the spelling and the server's network.",
            _ when Says("Connection refused", "Connection timed out", "Failed to connect", "Couldn't connect", "Network is unreachable", "No route to host")
                => $"The host of {url} does not answer. Check the address, the port and the server's network.",
            _ when Says("dubious ownership")
                => $"{url} holds files of another user than the folder's own. Give them all to one user.",
            _ when Says("SSL certificate", "certificate verify", "server certificate verification")
                => $"The certificate of {url} is not trusted by the server. Install its certificate authority on the server.",
            _ when Says("protocol 'http") || Says("not allowed") && Says("transport")
                => $"{url} sends the server elsewhere by a protocol that is not allowed.",
            _ when Says("not found", "does not appear to be a git repository", "not a git repository", "does not exist", "error: 404")
                => $"There is no Git repository at {url}. Check the address.",
            _ when Says("couldn't find remote ref")
                => $"{url} does not have that branch or pull request, or not any more.",
            _ when Says("did not end within")
                => $"{url} took too long. Try again.",
            _ => null,
        };
    }
}
