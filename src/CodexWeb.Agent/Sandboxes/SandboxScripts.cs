using System.Text;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>The constant scripts that ship inside the assembly.</summary>
internal static class SandboxScripts
{
    /// <summary>Run by <c>sh -c</c> outside the walls.</summary>
    internal static string Launcher { get; } = Encoding.UTF8.GetString(Load("Launcher.sh"));

    /// <summary>Run by Perl as process 1 inside the walls.</summary>
    internal static byte[] Supervisor { get; } = Load("Supervisor.pl");

    /// <summary>Run by bash inside the walls, to try them.</summary>
    internal static string WallProbe { get; } = Encoding.UTF8.GetString(Load("WallProbe.sh"));

    /// <summary>Makes Perl take its program from standard input: the first argument is its length, the others stay for it.</summary>
    internal static string SupervisorLoader =>
        """
        my ($size, $text) = (shift, "#line 1 Supervisor.pl\n");
        $size += length $text;
        while (length $text < $size) { sysread(STDIN, $text, $size - length $text, length $text) or exit 1 }
        $0 = "codexweb";
        eval $text;
        die $@;
        """;

    private static byte[] Load(string name)
    {
        using var resource = typeof(SandboxScripts).Assembly.GetManifestResourceStream(typeof(SandboxScripts), name)
            ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
