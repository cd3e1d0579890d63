using CodexWeb.CommandLine;

namespace CodexWeb.Tests.CommandLine;

public sealed class SettingsTableTests
{
    [Fact]
    public void The_README_names_every_setting()
    {
        var table = string.Join('\n', File.ReadLines(Path.Combine(Root(), "README.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal)));

        Assert.All(SettingsSection.All.SelectMany(section => Names(section.Name, section.Options)), name => Assert.True(IsNamed(table, name), name));
    }

    // A row names a setting whole, and then others of the same group by their last part.
    private static bool IsNamed(string table, string setting)
    {
        var (group, name) = (setting[..setting.LastIndexOf(':')], setting[(setting.LastIndexOf(':') + 1)..]);
        return Array.Exists(table.Split('\n'), row => row.Contains($"`{setting}`", StringComparison.Ordinal)
            || (row.Contains($"`{group}:", StringComparison.Ordinal) && row.Contains($"`{name}`", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Names(string path, Type options) => SettingsSection.SettingsOf(options).SelectMany(setting =>
        SettingsSection.ElementOf(setting.PropertyType) is { } element
            ? element == typeof(string) ? [$"{path}:{setting.Name}:0"] : Names($"{path}:{setting.Name}:0", element)
            : [$"{path}:{setting.Name}"]);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CodexWeb.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
