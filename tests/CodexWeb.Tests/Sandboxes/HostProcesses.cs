using System.Globalization;
using System.Text;

namespace CodexWeb.Tests.Sandboxes;

/// <summary>Looks for processes on the host.</summary>
internal static class HostProcesses
{
    /// <summary>The processes that have a text in their environment or among their arguments.</summary>
    public static List<int> With(string mark)
        => [.. Directory.EnumerateDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => char.IsAsciiDigit(name![0]))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Where(process => Read(process, "environ").Contains(mark, StringComparison.Ordinal))];

    public static string CommandLine(int process) => Read(process, "cmdline");

    /// <summary>Waits until there is one: a process that was just started shows its parent's environment until its program is loaded.</summary>
    public static async Task UntilSomeAsync(string mark)
    {
        for (var attempt = 0; With(mark).Count == 0; attempt++)
        {
            Assert.True(attempt < 500, $"No process has {mark} in its environment.");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until the kernel has ended them all; after a kill from outside that takes a moment.</summary>
    public static async Task UntilNoneAsync(string mark)
    {
        for (var attempt = 0; With(mark) is { Count: > 0 } left; attempt++)
        {
            Assert.True(attempt < 100, $"Still there: {string.Join(", ", left.Select(CommandLine))}");
            await Task.Delay(20);
        }
    }

    private static string Read(int process, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{process}/{file}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
