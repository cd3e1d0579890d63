using CodexWeb.CommandLine;
using Microsoft.Extensions.Configuration;

namespace CodexWeb.Tests.CommandLine;

public sealed class SettingsCheckTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"codexweb-settings-{Guid.NewGuid():N}.json");

    [Fact]
    public void Settings_as_the_documentation_has_them_pass() =>
        Assert.Empty(Check("""
            {
              "Logging": { "LogLevel": { "Default": "Information" } },
              "Server": { "AllowNonLoopback": true, "AllowedHosts": ["codexweb.example"] }
            }
            """, "--urls", "http://127.0.0.1:5080", "--Server:AllowNonLoopback=false"));

    [Fact]
    public void A_misspelt_setting_is_named_with_those_there_are() =>
        Assert.Equal(
            ["Server:AllowNonLoopbak: there is no such setting. Server has AllowNonLoopback, AllowedHosts, PublicUrl."],
            Check("""{ "Server": { "AllowNonLoopbak": true } }"""));

    [Fact]
    public void A_value_of_the_wrong_kind_is_named_with_what_it_must_be() =>
        Assert.Equal(["Server:AllowNonLoopback is 'yes', but must be true or false."], Check("{}", "--Server:AllowNonLoopback=yes"));

    [Theory]
    [InlineData("Demo:Pace", "fast", "Demo:Pace is 'fast', but must be a number, with a point for decimals.")]
    [InlineData("Demo:Pace", "101", "Demo:Pace must be a number from 0 (no pauses) to 100.")]
    [InlineData("Sandbox:Driver", "gvisor", "Sandbox:Driver must be auto or bubblewrap; gVisor and containers are not offered in this version.")]
    public void A_value_outside_its_bounds_is_named_with_them(string setting, string value, string error) => Assert.Equal([error], Check("{}", $"--{setting}={value}"));

    [Fact]
    public void A_group_where_a_value_belongs_is_refused() =>
        Assert.Equal(["Server:AllowNonLoopback must be a single value."], Check("""{ "Server": { "AllowNonLoopback": { "Really": true } } }"""));

    [Fact]
    public void A_value_where_a_list_belongs_is_refused() =>
        Assert.Equal(["Server:AllowedHosts must be a list: Server:AllowedHosts:0, Server:AllowedHosts:1 and so on."], Check("""{ "Server": { "AllowedHosts": "one" } }"""));

    [Theory]
    [InlineData("Sever:AllowNonLoopback")]
    [InlineData("Colour")]
    public void A_group_nobody_knows_is_refused(string setting) =>
        Assert.StartsWith($"{setting.Split(':')[0]}: there is no such setting. The groups are ", Assert.Single(Check("{}", $"--{setting}=true")), StringComparison.Ordinal);

    [Theory]
    [InlineData("Auth:Authority", "Auth:Authority: This version has no sign-in. Remove the setting.")]
    public void A_setting_of_a_later_version_is_not_ignored(string setting, string error) => Assert.Equal([error], Check("{}", $"--{setting}=x"));

    [Fact]
    public void The_environment_may_hold_what_is_not_ours_but_not_a_misspelt_group_of_ours()
    {
        var environment = new Dictionary<string, string?> { ["SERVER"] = "web-7", ["Editor__Font"] = "mono", ["Sevrer__AllowNonLoopback"] = "true" };
        var errors = CheckEnvironment(environment);

        Assert.StartsWith("Sevrer: there is no such setting.", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_default_is_a_value_that_passes() => Assert.Empty(Check("{}"));

    public void Dispose() => File.Delete(_file);

    private IReadOnlyList<string> Check(string json, params string[] arguments)
    {
        File.WriteAllText(_file, json);
        return SettingsCheck.FindErrors(new ConfigurationBuilder().AddJsonFile(_file).AddCommandLine(arguments).Build());
    }

    private static IReadOnlyList<string> CheckEnvironment(Dictionary<string, string?> variables)
    {
        try
        {
            foreach (var (name, value) in variables)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            return SettingsCheck.FindErrors(new ConfigurationBuilder().AddEnvironmentVariables().Build());
        }
        finally
        {
            foreach (var name in variables.Keys)
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }
}
