using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests;

public sealed class AgentLoopAttachmentTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("codexweb-images-");

    [Fact]
    public async Task What_is_sent_along_with_a_prompt_or_while_the_agent_works_is_named_and_shown_to_the_model()
    {
        await using var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Exec("call_1", "true")), Reply.Answer(OutputItem.Message("Done.")));
        var images = new ImageFolder(_folder.FullName);
        var shot = new MessageAttachment("1", "shot.png", "image/png", 1234, await images.KeepAsync(Pictures.Png(5, 4), CancellationToken.None));
        var log = new MessageAttachment("2", "build.log", "text/plain", 99);
        var later = new MessageAttachment("3", "later.gif", "image/gif", 10, await images.KeepAsync(Pictures.Gif(7, 6), CancellationToken.None));
        var given = false;
        var turn = rig.Turn("Look.") with
        {
            Images = images,
            TakesImages = true,
            Attachments = [shot, log],
            TakeSteering = () =>
            {
                IReadOnlyList<SteeringMessage> messages = given || rig.Server.Bodies.Count == 0 ? [] : [new SteeringMessage("steer_1", "And this.", [later])];
                given |= messages.Count > 0;
                return messages;
            },
        };

        await LoopRig.RunAsync(turn);

        Assert.Collection(
            rig.Completed.OfType<Item.UserMessage>(),
            message => Assert.Equal([shot, log], message.Attachments),
            message => Assert.Equal([later], message.Attachments));
        var sent = rig.Server.InputOf(1).Where(static item => (string?)item!["role"] == "user").ToList();
        Assert.Equal(
            "Look.\n\nThe person sent these files along. They are read-only:\n\n- `/attachments/shot.png` (image/png, 1,234 bytes, 5 × 4 pixels)\n- `/attachments/build.log` (text/plain, 99 bytes)",
            (string?)sent[0]!["content"]![0]!["text"]);
        Assert.Equal(["input_text", "input_image"], sent[0]!["content"]!.AsArray().Select(static part => (string?)part!["type"]));
        Assert.StartsWith("data:image/gif;base64,", (string?)sent[1]!["content"]![1]!["image_url"], StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
