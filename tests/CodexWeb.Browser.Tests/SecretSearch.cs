using System.Globalization;
using System.Text;

namespace CodexWeb.Browser.Tests;

/// <summary>Looks for a secret wherever it could be seen: files, arguments and environments of processes, texts. It is found as it is and in base64, wherever that begins.</summary>
internal sealed class SecretSearch
{
    // Of the system, and nothing that a server writes.
    private static readonly string[] Programs = ["/dev/", "/proc/", "/sys/", "/usr/", "/lib/"];

    // What the machine shows of every process.
    private static readonly string[] Shown = ["cmdline", "environ"];

    private readonly List<byte[]> _forms;

    public SecretSearch(string secret) => _forms =
    [
        .. new[] { secret }.Concat(Enumerable.Range(0, 3).Select(offset => InBase64(secret, offset))).Select(Encoding.ASCII.GetBytes),
    ];

    /// <summary>Whether a text has it.</summary>
    public bool Finds(string text) => Finds(Encoding.UTF8.GetBytes(text));

    public bool Finds(ReadOnlySpan<byte> bytes)
    {
        foreach (var form in _forms)
        {
            if (bytes.IndexOf(form) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The files below a folder that have it. Pipes are left alone: what is in one is in memory.</summary>
    public List<string> FindFiles(string folder) => FilesBelow(folder).Where(FindsFile).ToList();

    /// <summary>Every process whose arguments or environment have it, and every file a process has open that does.</summary>
    public List<string> FindProcesses()
    {
        var processes = Processes().ToList();
        return [.. processes.SelectMany(static process => Shown.Select(name => Path.Combine(process, name))).Concat(processes.SelectMany(OpenFiles).Distinct(StringComparer.Ordinal)).Where(FindsFile)];
    }

    /// <summary>How many processes there are with this argument, so that a test knows that it looked at the right moment.</summary>
    public static int CountProcesses(string argument) =>
        Processes().Count(path => Encoding.UTF8.GetString(Read(Path.Combine(path, "cmdline"))).Split('\0').Contains(argument, StringComparer.Ordinal));

    private static IEnumerable<string> Processes() =>
        Directory.EnumerateDirectories("/proc").Where(static path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _));

    // The part of the base64 text that does not depend on what stands before and after the secret.
    private static string InBase64(string secret, int offset)
    {
        var text = Convert.ToBase64String([.. new byte[offset], .. Encoding.ASCII.GetBytes(secret)]);
        var start = (offset * 8 + 5) / 6;
        return text[start..((offset + secret.Length) * 8 / 6)];
    }

    private static IEnumerable<string> FilesBelow(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        // A pipe has no length, and to read it would be to take what is in it.
        return Directory.EnumerateFiles(folder, "*", options).Where(static path => new FileInfo(path) is { Exists: true, Length: > 0 });
    }

    private static IEnumerable<string> OpenFiles(string process)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(Path.Combine(process, "fd"))
                    .Select(static link => new FileInfo(link).LinkTarget)
                    .OfType<string>()
                    .Where(static target => target.StartsWith('/') && !Programs.Any(folder => target.StartsWith(folder, StringComparison.Ordinal)))
                    .Where(static target => new FileInfo(target) is { Exists: true, Length: > 0 and < 10 << 20 }),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private bool FindsFile(string path) => Finds(Read(path));

    private static byte[] Read(string path)
    {
        try
        {
            // Not File.ReadAllBytes: the database is open for writing elsewhere.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var content = new MemoryStream();
            file.CopyTo(content);
            return content.ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile, or another account's.
            return [];
        }
    }
}
