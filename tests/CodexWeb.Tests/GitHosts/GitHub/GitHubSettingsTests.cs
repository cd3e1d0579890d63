using System.Security.Cryptography;
using CodexWeb.CommandLine;
using CodexWeb.GitHosts.GitHub;
using Microsoft.Extensions.Configuration;

namespace CodexWeb.Tests.GitHosts.GitHub;

public sealed class GitHubSettingsTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"codexweb-key-{Guid.NewGuid():N}.pem");

    [Theory]
    [InlineData("GitHub:BaseUrl", "http://github.example")]
    [InlineData("GitHub:BaseUrl", "github.example")]
    [InlineData("GitHub:ApiUrl", "https://ana:secret@github.example/api/v3")]
    [InlineData("GitHub:ApiUrl", "https://github.example/api/v3?x=1")]
    public void An_address_that_would_give_tokens_away_is_refused(string setting, string value) =>
        Assert.Equal(
            [$"{setting} must be an https address without user name, query or fragment, such as https://github.example; http is taken on this machine only."],
            Check((setting, value)));

    [Fact]
    public void An_Enterprise_Server_and_a_server_on_this_machine_pass()
    {
        Assert.Empty(Check(("GitHub:BaseUrl", "https://github.example"), ("GitHub:ApiUrl", "https://github.example/api/v3")));
        Assert.Empty(Check(("GitHub:BaseUrl", "http://127.0.0.1:8080"), ("GitHub:ApiUrl", "http://localhost:8080/api/v3")));
    }

    [Fact]
    public void Half_of_a_pair_is_named_as_missing()
    {
        Assert.Equal(["GitHub:ClientSecret is missing: GitHub:ClientId and GitHub:ClientSecret are set together or not at all."], Check(("GitHub:ClientId", "Iv1.1")));
        Assert.Equal(["GitHub:PrivateKey is missing: GitHub:AppId and GitHub:PrivateKey are set together or not at all."], Check(("GitHub:AppId", "7")));
        Assert.Equal(["GitHub:AppId is missing: GitHub:AppId and GitHub:PrivateKey are set together or not at all."], Check(("GitHub:PrivateKey", Pem())));
    }

    [Fact]
    public void A_webhook_secret_may_have_spaces_but_no_line_end()
    {
        Assert.Empty(Check(("GitHub:WebhookSecret", "It's a Secret to Everybody")));
        Assert.Equal(["GitHub:WebhookSecret must not contain line ends or other control characters."], Check(("GitHub:WebhookSecret", "a\nb")));
    }

    [Theory]
    [InlineData("GitHub:Token", "ghp_1 ")]
    [InlineData("GitHub:Token", "ghp_1\n")]
    public void A_secret_with_a_line_end_is_refused_without_being_shown(string setting, string value) =>
        Assert.Equal([$"{setting} must not contain spaces or line ends."], Check((setting, value)));

    [Fact]
    public void A_key_may_be_text_with_line_ends_of_any_kind_or_a_file()
    {
        var pem = Pem();
        File.WriteAllText(_file, pem);

        Assert.Empty(Check(("GitHub:AppId", "7"), ("GitHub:PrivateKey", pem)));
        Assert.Empty(Check(("GitHub:AppId", "7"), ("GitHub:PrivateKey", pem.ReplaceLineEndings("\\n"))));
        Assert.Empty(Check(("GitHub:AppId", "7"), ("GitHub:PrivateKey", _file)));
        Assert.All([pem, pem.ReplaceLineEndings("\\n"), _file], setting => Assert.Equal(pem.Trim(), GitHubPrivateKey.TextOf(setting).Trim()));
    }

    [Fact]
    public void What_is_no_private_key_is_refused_without_being_shown()
    {
        using var key = RSA.Create(2048);
        const string noKey = "GitHub:PrivateKey is not an RSA private key in PEM form: take the file GitHub gave when the App's key was made.";

        Assert.Equal([noKey], Check(("GitHub:AppId", "7"), ("GitHub:PrivateKey", key.ExportSubjectPublicKeyInfoPem())));
        Assert.Equal([noKey], Check(("GitHub:AppId", "7"), ("GitHub:PrivateKey", Pem().Replace("MII", "", StringComparison.Ordinal))));
        Assert.Equal(
            ["GitHub:PrivateKey must be the PEM text of the App's private key, or the path of a file with it that this server can read."],
            Check(("GitHub:AppId", "7"), ("GitHub:PrivateKey", "/no/such/file.pem")));
    }

    [Fact]
    public void A_number_that_is_no_App_is_refused() => Assert.Equal(["GitHub:AppId must be the number GitHub shows as the App ID."], Check(("GitHub:AppId", "0"), ("GitHub:PrivateKey", Pem())));

    public void Dispose() => File.Delete(_file);

    private static string Pem()
    {
        using var key = RSA.Create(2048);
        return key.ExportRSAPrivateKeyPem();
    }

    private static IReadOnlyList<string> Check(params (string Name, string Value)[] settings) =>
        SettingsCheck.FindErrors((IConfigurationRoot)new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)).Build());
}
