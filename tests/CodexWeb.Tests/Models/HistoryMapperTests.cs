using System.Text.Json.Nodes;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Tests.Models;

public sealed class HistoryMapperTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("codexweb-images-");

    [Fact]
    public async Task Images_of_a_message_and_of_a_tools_result_reach_the_provider_with_their_bytes()
    {
        var bytes = Pictures.Png(4, 3);
        var images = new ImageFolder(_folder.FullName);
        var picture = await images.KeepAsync(bytes, CancellationToken.None);

        var input = await SentAsync(picture, images);

        var url = $"data:image/png;base64,{Convert.ToBase64String(bytes)}";
        Assert.Equal($$"""[{"type":"input_text","text":"Look."},{"type":"input_image","image_url":"{{url}}","detail":"auto"}]""", Plain(input[0]!["content"]));
        Assert.Equal("function_call_output", (string?)input[2]!["type"]);
        Assert.Equal("call_1", (string?)input[2]!["call_id"]);
        Assert.Equal($$"""[{"type":"input_text","text":"An image."},{"type":"input_image","image_url":"{{url}}","detail":"auto"}]""", Plain(input[2]!["output"]));
        Assert.Equal($$"""[{"type":"input_text","text":"Another."},{"type":"input_image","image_url":"{{url}}","detail":"auto"}]""", Plain(input[4]!["output"]));
    }

    [Fact]
    public async Task A_model_without_image_input_reads_a_line_in_place_of_each_image()
    {
        var picture = await new ImageFolder(_folder.FullName).KeepAsync(Pictures.Png(4, 3), CancellationToken.None);

        var input = await SentAsync(picture, images: null);

        Assert.Equal(
            """[{"type":"input_text","text":"Look."},{"type":"input_text","text":"[An image of 4 × 3 pixels, image/png, is not shown: this model takes no images.]"}]""",
            Plain(input[0]!["content"]));
    }

    [Fact]
    public async Task An_image_whose_file_is_gone_is_named_and_the_turn_goes_on()
    {
        var input = await SentAsync(new ImageReference(new string('a', 64), "image/webp", 7, 8), new ImageFolder(_folder.FullName));

        Assert.Contains("[An image of 7 × 8 pixels, image/webp, is not shown: its file is no longer there.]", Plain(input[2]!["output"]), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<JsonArray> SentAsync(ImageReference picture, ImageFolder? images)
    {
        await using var server = await ResponsesServer.StartAsync(Reply.Answer(OutputItem.Message("Done.")));
        ConversationEntry[] conversation =
        [
            new ConversationEntry.User("Look.", [picture]),
            new ConversationEntry.ToolCall("call_1", "view_image", "{}"),
            new ConversationEntry.ToolResult("call_1", "An image.", Images: [picture]),
            new ConversationEntry.ToolCall("call_2", "draw", "x", Custom: true),
            new ConversationEntry.ToolResult("call_2", "Another.", Custom: true, Images: [picture]),
        ];
        var client = new ResponsesModelClient(new ProviderEndpoint(server.BaseUrl, "key-1"), TimeProvider.System);
        var request = new ModelRequest("test-model", null, "Be good.", conversation, [], "attempt-1", Images: images);
        await foreach (var update in client.StreamAsync(request, CancellationToken.None))
        {
            Assert.NotNull(update);
        }

        return JsonNode.Parse(server.Bodies[0])!["input"]!.AsArray();
    }

    private static string Plain(JsonNode? json) => json!.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
