namespace CodexWeb.Agent;

/// <summary>Reads the texts that ship inside the assembly.</summary>
internal static class EmbeddedText
{
    /// <summary>Reads one.</summary>
    /// <param name="path">Its place in the sources, with dots: <c>Tools.ExecCommand.md</c>.</param>
    public static string Read(string path)
    {
        using var stream = typeof(EmbeddedText).Assembly.GetManifestResourceStream("CodexWeb.Agent." + path)
            ?? throw new InvalidOperationException($"The assembly lacks the text {path}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Trim();
    }
}
