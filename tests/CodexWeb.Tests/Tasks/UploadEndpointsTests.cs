using System.Net;
using System.Net.Http.Json;
using System.Text;
using CodexWeb.Tasks;
using CodexWeb.Tests.Api;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests.Tasks;

public sealed class UploadEndpointsTests(ApiHost host) : IClassFixture<ApiHost>
{
    private readonly HttpClient _client = host.CreateClient();

    [Fact]
    public async Task A_picture_comes_back_as_the_picture_it_is_and_can_be_removed()
    {
        var added = await UploadAsync("shot.png", Pictures.Png(6, 5));

        using var shown = await _client.GetAsync(new Uri($"/uploads/{added.Id}", UriKind.Relative));

        Assert.Equal("image/png", shown.Content.Headers.ContentType?.MediaType);
        Assert.Null(shown.Content.Headers.ContentDisposition);
        Assert.Equal("nosniff", Assert.Single(shown.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("sandbox; default-src 'none'", Assert.Single(shown.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal(Pictures.Png(6, 5), await shown.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await _client.DeleteAsync(new Uri($"/uploads/{added.Id}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync(new Uri($"/uploads/{added.Id}", UriKind.Relative))).StatusCode);
    }

    [Theory]
    [InlineData("page.html", "<script>alert(1)</script>")]
    [InlineData("drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")]
    [InlineData("fake.png", "<script>alert(1)</script>")]
    public async Task What_is_no_picture_is_only_ever_saved(string name, string content)
    {
        var added = await UploadAsync(name, Encoding.UTF8.GetBytes(content));

        using var saved = await _client.GetAsync(new Uri($"/uploads/{added.Id}", UriKind.Relative));

        Assert.Equal("application/octet-stream", saved.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("attachment", name), (saved.Content.Headers.ContentDisposition?.DispositionType, saved.Content.Headers.ContentDisposition?.FileNameStar));
    }

    [Theory]
    [InlineData("POST", "/uploads?name=a.png")]
    [InlineData("GET", "/uploads/0198b2c0-0000-7000-8000-000000000000")]
    public async Task A_page_of_another_site_reaches_none_of_it(string method, string address)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, UriKind.Relative));
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        request.Content = method is "POST" ? new ByteArrayContent(Pictures.Png(1, 1)) : null;

        Assert.Equal(HttpStatusCode.Forbidden, (await _client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_file_that_is_too_large_gets_a_sentence()
    {
        using var answer = await _client.PostAsync(new Uri("/uploads?name=big.bin", UriKind.Relative), new ByteArrayContent(new byte[Attachments.MaxBytes + 1]));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("big.bin is larger than 20 MiB.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_an_images_hash_names_an_image_of_an_attempt()
    {
        foreach (var image in new[] { "..%2F..%2F..%2Fcodexweb.db", new string('a', 64), "x" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync(new Uri($"/uploads/images/0198b2c0-0000-7000-8000-000000000000/{image}", UriKind.Relative))).StatusCode);
        }
    }

    [Fact]
    public async Task A_task_whose_images_cannot_be_taken_is_refused_by_field()
    {
        using var answer = await _client.PostAsJsonAsync(new Uri("/api/v1/tasks", UriKind.Relative), new { mode = "ask", prompt = "Look.", images = (string[])["data:text/plain;base64,aGk="] });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("\"images[0]\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<AttachmentView> UploadAsync(string name, byte[] bytes)
    {
        using var answer = await _client.PostAsync(new Uri($"/uploads?name={Uri.EscapeDataString(name)}", UriKind.Relative), new ByteArrayContent(bytes));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<AttachmentView>())!;
    }
}
