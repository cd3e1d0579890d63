using System.Net;
using System.Text;
using System.Text.Json;
using CodexWeb.Attempts;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Review;

public sealed class ReviewEndpointsTests
{
    private static readonly string Numbers = string.Concat(Enumerable.Range(1, 60).Select(n => $"line {n}\n"));

    [Fact]
    public async Task A_change_is_described_with_its_files_and_read_by_rows()
    {
        await using var rig = await ReviewRig.StartAsync([("a.txt", Numbers)], [("a.txt", Numbers.Replace("line 30\n", "line thirty\nand more\n", StringComparison.Ordinal)), ("new.txt", "x\n")]);

        var diff = await rig.GetAsync("diff");
        var rows = await rig.GetAsync($"rows?at={rig.Checkpoint}&file=0&from=3&count=3");

        Assert.Equal(rig.Checkpoint, diff.GetProperty("at").GetString());
        Assert.Equal((3, 1), (diff.GetProperty("added").GetInt32(), diff.GetProperty("removed").GetInt32()));
        Assert.Equal(["a.txt", "new.txt"], diff.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("path").GetString()));
        Assert.Equal(9, diff.GetProperty("files")[0].GetProperty("hunks")[0].GetProperty("rows").GetInt32());
        Assert.Equal(
            """[{"l":{"k":"r","o":30,"t":"line 30","m":[5,2],"i":3}},{"r":{"k":"a","n":30,"t":"line thirty","m":[5,6],"i":4}},{"r":{"k":"a","n":31,"t":"and more","i":5}}]""",
            rows.GetProperty("rows").GetRawText());
    }

    [Fact]
    public async Task Lines_around_a_hunk_have_the_numbers_of_both_sides()
    {
        await using var rig = await ReviewRig.StartAsync([("a.txt", Numbers)], [("a.txt", Numbers.Replace("line 30\n", "line thirty\nand more\n", StringComparison.Ordinal))]);

        var below = await rig.GetAsync($"context?at={rig.Checkpoint}&file=0&from=50&count=2");
        var above = await rig.GetAsync($"context?at={rig.Checkpoint}&file=0&from=1&count=1");

        Assert.Equal(61, below.GetProperty("total").GetInt32());
        Assert.Equal([(49, 50, "line 49"), (50, 51, "line 50")], below.GetProperty("rows").EnumerateArray().Select(Numbered));
        Assert.Equal([(1, 1, "line 1")], above.GetProperty("rows").EnumerateArray().Select(Numbered));
    }

    [Fact]
    public async Task Asked_with_a_checkpoint_an_answer_may_be_kept_and_a_stale_one_is_refused()
    {
        await using var rig = await ReviewRig.StartAsync([("a.txt", "a\n")], [("a.txt", "b\n")]);

        using var kept = await rig.Client.GetAsync(new Uri($"/review/attempts/{rig.AttemptId}/rows?at={rig.Checkpoint}&file=0&from=0&count=9", UriKind.Relative));
        using var stale = await rig.Client.GetAsync(new Uri($"/review/attempts/{rig.AttemptId}/rows?at={rig.Base}&file=0&from=0&count=9", UriKind.Relative));
        using var newest = await rig.Client.GetAsync(new Uri($"/review/attempts/{rig.AttemptId}/diff", UriKind.Relative));

        Assert.True(kept.Headers.CacheControl is { Private: true, MaxAge: not null });
        Assert.Null(newest.Headers.CacheControl);
        Assert.Equal(HttpStatusCode.Conflict, stale.StatusCode);
        Assert.Equal("application/problem+json", stale.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("attempts/0198c5a2-0000-7000-8000-000000000000/diff", HttpStatusCode.NotFound)]
    [InlineData("attempts/ID/diff?scope=nothing", HttpStatusCode.BadRequest)]
    [InlineData("attempts/ID/diff?view=sideways", HttpStatusCode.BadRequest)]
    [InlineData("attempts/ID/diff?scope=turn:7", HttpStatusCode.NotFound)]
    [InlineData("attempts/ID/rows?file=9&from=0&count=1", HttpStatusCode.NotFound)]
    [InlineData("attempts/ID/rows?file=-1&from=0&count=1", HttpStatusCode.NotFound)]
    [InlineData("attempts/ID/image?file=0&side=new", HttpStatusCode.NotFound)]
    [InlineData("attempts/ID/output/item_9?from=0&count=1", HttpStatusCode.NotFound)]
    [InlineData("attempts/ID/output/..%2F..%2Fcodexweb.db?from=0&count=1", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_is_a_problem_with_words(string address, HttpStatusCode status)
    {
        await using var rig = await ReviewRig.StartAsync([("a.txt", "a\n")], [("a.txt", "b\n")]);

        using var response = await rig.Client.GetAsync(new Uri($"/review/{address.Replace("ID", rig.AttemptId.ToString(), StringComparison.Ordinal)}", UriKind.Relative));
        var problem = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());

        Assert.Equal(status, response.StatusCode);
        Assert.EndsWith(".", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_of_pixels_are_served_locked_up_and_others_are_not()
    {
        await using var rig = await ReviewRig.StartAsync([("a.txt", "a\n")], [("a.txt", "b\n")]);
        await File.WriteAllTextAsync(Path.Combine(rig.Ground.Origin, "fake.png"), "\0<svg onload='x'>");
        await File.WriteAllBytesAsync(Path.Combine(rig.Ground.Origin, "real.png"), [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0]);
        await rig.GoOnAsync(await rig.Ground.CommitAsync("A picture"));

        var files = (await rig.GetAsync("diff")).GetProperty("files").EnumerateArray().ToList();
        var real = files.FindIndex(f => f.GetProperty("path").GetString() == "real.png");
        using var picture = await rig.Client.GetAsync(new Uri($"/review/attempts/{rig.AttemptId}/image?file={real}&side=new", UriKind.Relative));

        var fake = files.FindIndex(f => f.GetProperty("path").GetString() == "fake.png");
        using var refused = await rig.Client.GetAsync(new Uri($"/review/attempts/{rig.AttemptId}/image?file={fake}&side=new", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.True(files[real].GetProperty("image").GetBoolean());
        Assert.Equal("image/png", picture.Content.Headers.ContentType!.MediaType);
        Assert.Equal(["nosniff"], picture.Headers.GetValues("X-Content-Type-Options"));
        Assert.Contains("sandbox", picture.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_of_many_lines_is_read_anywhere_searched_and_grows()
    {
        await using var rig = await ReviewRig.StartAsync([("a.txt", "a\n")], [("a.txt", "b\n")]);
        var files = rig.Services.GetRequiredService<AttemptFiles>();
        await using var output = files.CreateOutput(rig.AttemptId, "item_1");
        await output.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 100_000).Select(n => n == 70_000 ? "\u001b[31mfai\u001b[0mled here\n" : $"line {n}\n"))));
        await output.FlushAsync();

        var middle = await rig.GetAsync("output/item_1?from=69999&count=2");
        var found = await rig.GetAsync("output/item_1/search?text=FAILED");
        await output.WriteAsync("the end"u8.ToArray());
        await output.FlushAsync();
        var end = await rig.GetAsync("output/item_1?from=99999&count=5");

        Assert.Equal(["line 69999", "\u001b[31mfai\u001b[0mled here"], middle.GetProperty("lines").EnumerateArray().Select(l => l.GetString()));
        Assert.Equal(100_000, middle.GetProperty("total").GetInt64());
        Assert.Equal([70_000], found.GetProperty("lines").EnumerateArray().Select(l => l.GetInt64()));
        Assert.Equal(["line 99999", "the end"], end.GetProperty("lines").EnumerateArray().Select(l => l.GetString()));
    }

    [Fact]
    public async Task A_file_at_a_commit_is_text_or_a_sentence()
    {
        await using var rig = await ReviewRig.StartAsync([("a.txt", "one\ntwo\n"), ("b.bin", "\0\u0001")], [("a.txt", "b\n")]);

        var text = await TextAsync(rig, "a.txt");
        var binary = await TextAsync(rig, "b.bin");
        var missing = await TextAsync(rig, "c.txt");

        Assert.Equal(["one", "two"], text.GetProperty("lines").EnumerateArray().Select(l => l.GetString()));
        Assert.Equal("b.bin is a binary file of 2 bytes.", binary.GetProperty("problem").GetString());
        Assert.Equal("There is no file c.txt at this commit.", missing.GetProperty("problem").GetString());
    }

    private static async Task<JsonElement> TextAsync(ReviewRig rig, string path) =>
        JsonSerializer.Deserialize<JsonElement>(await rig.Client.GetStringAsync(new Uri($"/review/repositories/{rig.RepositoryId}/text?commit={rig.Base}&path={path}", UriKind.Relative)));

    private static (int, int, string?) Numbered(JsonElement row) =>
        (row.GetProperty("r").GetProperty("o").GetInt32(), row.GetProperty("r").GetProperty("n").GetInt32(), row.GetProperty("r").GetProperty("t").GetString());
}
