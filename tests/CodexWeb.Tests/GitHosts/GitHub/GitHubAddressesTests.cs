using CodexWeb.GitHosts.GitHub;
using Microsoft.Extensions.Options;

namespace CodexWeb.Tests.GitHosts.GitHub;

public sealed class GitHubAddressesTests
{
    [Theory]
    [InlineData("https://github.com", null, "https://github.com/", "https://api.github.com/", "https://api.github.com/graphql")]
    [InlineData("https://www.github.com/", null, "https://github.com/", "https://api.github.com/", "https://api.github.com/graphql")]
    [InlineData("https://github.example", null, "https://github.example/", "https://github.example/api/v3/", "https://github.example/api/graphql")]
    [InlineData("https://acme.ghe.com", null, "https://acme.ghe.com/", "https://api.acme.ghe.com/", "https://api.acme.ghe.com/graphql")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8081/api/v3", "http://127.0.0.1:8080/", "http://127.0.0.1:8081/api/v3/", "http://127.0.0.1:8081/api/graphql")]
    public void Every_GitHub_has_its_interfaces_where_GitHub_puts_them(string baseUrl, string? apiUrl, string web, string api, string graphQl)
    {
        var addresses = Addresses(baseUrl, apiUrl);

        Assert.Equal((web, api, graphQl), (addresses.Web.AbsoluteUri, addresses.Api.AbsoluteUri, addresses.GraphQl.AbsoluteUri));
    }

    [Theory]
    [InlineData("https://github.com/acme/shop")]
    [InlineData("https://github.com/acme/shop/")]
    [InlineData("https://github.com/acme/shop.git")]
    [InlineData("https://GitHub.com/Acme/Shop.git")]
    [InlineData("https://www.github.com/acme/shop")]
    [InlineData("https://ana@github.com/acme/shop.git")]
    [InlineData("git@github.com:acme/shop.git")]
    [InlineData("git@github.com:/acme/shop")]
    [InlineData("ssh://git@github.com/acme/shop.git")]
    [InlineData("ssh://git@ssh.github.com:443/acme/shop.git")]
    public void A_repository_of_GitHub_is_known_by_any_address_Git_takes(string url)
    {
        var addresses = Addresses("https://github.com");

        Assert.Equal(new GitHubRepositoryName("acme", "shop"), addresses.NameOf(url));
        Assert.True(addresses.Owns(url));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/srv/git/shop.git")]
    [InlineData("file:///srv/git/acme/shop.git")]
    [InlineData("https://gitlab.com/acme/shop")]
    [InlineData("http://github.com/acme/shop")]
    [InlineData("https://github.com:8443/acme/shop")]
    [InlineData("https://github.com.evil.example/acme/shop")]
    [InlineData("https://github.com@evil.example/acme/shop")]
    [InlineData("https://github.com/acme")]
    [InlineData("https://github.com/acme/shop/tree/main")]
    [InlineData("https://github.com/acme/shop?x=1")]
    [InlineData("https://github.com/acme/sh%6Fp%2F..")]
    [InlineData("https://github.com/acme/..")]
    [InlineData("git@gitlab.com:acme/shop.git")]
    [InlineData("git@github.com:acme/shop/more.git")]
    [InlineData("ssh://git@evil.example/acme/shop.git")]
    [InlineData("-oProxyCommand=x:acme/shop")]
    public void What_is_not_a_repository_of_this_GitHub_is_nobodys(string url) => Assert.Null(Addresses("https://github.com").NameOf(url));

    [Fact]
    public void A_clone_address_leads_back_to_its_repository()
    {
        var addresses = Addresses("https://github.example:8443");
        var url = addresses.CloneUrl(new GitHubRepositoryName("acme", ".github"));

        Assert.Equal("https://github.example:8443/acme/.github.git", url);
        Assert.Equal("acme/.github", addresses.NameOf(url)?.ToString());
    }

    [Theory]
    [InlineData("acme/shop", true)]
    [InlineData("Acme-1/shop_2.net-x", true)]
    [InlineData("ana_acme/.github", true)]
    [InlineData("acme/shop.git", false)]
    [InlineData("acme/..", false)]
    [InlineData("../shop", false)]
    [InlineData("-acme/shop", false)]
    [InlineData("acme/shop/x", false)]
    [InlineData("acme/sh op", false)]
    [InlineData("acme/shop\n", false)]
    [InlineData("acme/shöp", false)]
    [InlineData("acme/", false)]
    [InlineData(null, false)]
    public void A_name_has_the_characters_GitHub_allows_and_no_others(string? text, bool isName) =>
        Assert.Equal(isName, GitHubRepositoryName.TryParse(text, out var name) && name.ToString() == text);

    [Fact]
    public void A_token_is_never_shown() => Assert.Equal("[token] [token]", $"{new GitHubToken("ghp_1")} {new { Token = new GitHubToken("ghp_1") }.Token}");

    private static GitHubAddresses Addresses(string baseUrl, string? apiUrl = null) =>
        new(Options.Create(new GitHubOptions { BaseUrl = new Uri(baseUrl), ApiUrl = apiUrl is null ? null : new Uri(apiUrl) }));
}
