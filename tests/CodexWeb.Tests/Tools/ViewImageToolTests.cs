using System.Text.Json.Nodes;
using CodexWeb.Agent;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests.Tools;

public sealed class ViewImageToolTests : IDisposable
{
    private readonly DirectoryInfo _images = Directory.CreateTempSubdirectory("codexweb-images-");

    [Fact]
    public async Task An_image_of_the_workspace_is_shown_to_the_model_and_stands_in_the_log()
    {
        await using var rig = await RigAsync("shot.png", Pictures.Png(30, 20));

        await RunAsync(rig);

        var view = Assert.Single(rig.Completed.OfType<Item.ImageView>());
        Assert.Equal(("shot.png", ItemStatus.Completed, 30, 20), (view.Path, view.Status, view.Image?.Width, view.Image?.Height));
        var parts = rig.Server.InputOf(1).Single(static item => (string?)item!["type"] == "function_call_output")!["output"]!.AsArray();
        Assert.Equal("The image has 30 × 20 pixels.", (string?)parts[0]!["text"]);
        Assert.StartsWith("data:image/png;base64,", (string?)parts[1]!["image_url"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_too_wide_is_fitted_or_refused_with_its_size_and_what_to_do()
    {
        await using var rig = await RigAsync("shot.png", Pictures.Png(4096, 512));

        await RunAsync(rig);

        var view = Assert.Single(rig.Completed.OfType<Item.ImageView>());
        if (view.Status is ItemStatus.Completed)
        {
            Assert.Equal((2048, 256), (view.Image!.Width, view.Image.Height));
        }
        else
        {
            Assert.Contains("4096 × 512 pixels", view.Reason, StringComparison.Ordinal);
            Assert.Contains("at most 2048 pixels on each side", view.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_first_program_that_can_does_the_scaling_and_gets_the_file_by_its_input_whatever_it_is_called()
    {
        await using var rig = await RigAsync("-rf $(touch pwned) '\"`.png", Pictures.Png(3000, 10));
        // Stands in for ImageMagick: gives a small picture for the one it is handed.
        var small = Convert.ToBase64String(Pictures.Png(2048, 7));
        var script = $"#!/bin/sh\n[ \"$1\" = '-[0]' ] && [ \"$(head -c 4 | tail -c 3)\" = PNG ] && echo {small} | base64 -d\n";
        await rig.Sandbox.ChangeFilesAsync(
            [
                new SandboxFileChange.Write("/tmp/bin/magick", "#!/bin/sh\necho half an image\nexit 1\n"u8.ToArray(), 0b111_101_101),
                new SandboxFileChange.Write("/tmp/bin/convert", System.Text.Encoding.UTF8.GetBytes(script), 0b111_101_101),
            ],
            CancellationToken.None);

        var scaled = await Agent.Tools.ImageScaling.FitAsync(new WithPath(rig.Sandbox), "-rf $(touch pwned) '\"`.png", new ImageReference("", "image/png", 3000, 10), TimeProvider.System, CancellationToken.None);

        Assert.Equal(new ImageHeader("image/png", 2048, 7), ImageHeader.Read(scaled.Span));
        Assert.False(File.Exists(Path.Combine(rig.Workspace, "pwned")));
    }

    [Theory]
    [InlineData("missing.png", "there is no such file")]
    [InlineData(".", "it is a folder")]
    [InlineData("/dev/zero", "it is no regular file")]
    [InlineData("notes.txt", "PNG, JPEG, GIF or WebP")]
    public async Task What_cannot_be_shown_is_said_to_the_model_and_in_the_log_and_the_turn_goes_on(string path, string reason)
    {
        await using var rig = await RigAsync("shot.png", Pictures.Png(3, 3), path);
        rig.Write("notes.txt", "plain");

        var outcome = await RunAsync(rig);

        Assert.IsType<TurnOutcome.Completed>(outcome);
        Assert.Contains(reason, rig.Told("call_1"), StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Single(rig.Completed.OfType<Item.ImageView>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_leads_to_a_file_of_the_server_shows_nothing_of_it()
    {
        await using var rig = await RigAsync("shot.png", Pictures.Png(3, 3), "link.png");
        var secret = Path.Combine(_images.FullName, "secret.png");
        await File.WriteAllBytesAsync(secret, Pictures.Png(77, 77));
        File.CreateSymbolicLink(Path.Combine(rig.Workspace, "link.png"), secret);

        await RunAsync(rig);

        Assert.Equal(ItemStatus.Failed, Assert.Single(rig.Completed.OfType<Item.ImageView>()).Status);
    }

    [Fact]
    public async Task A_model_that_takes_no_images_is_told_so()
    {
        await using var rig = await RigAsync("shot.png", Pictures.Png(3, 3));

        await LoopRig.RunAsync(rig.Turn() with { Images = new ImageFolder(_images.FullName), TakesImages = false });

        Assert.Contains("takes no images", rig.Told("call_1"), StringComparison.Ordinal);
    }

    public void Dispose() => _images.Delete(recursive: true);

    private static async Task<LoopRig> RigAsync(string name, byte[] bytes, string? path = null)
    {
        var call = new JsonObject { ["path"] = path ?? name }.ToJsonString();
        var rig = await LoopRig.StartAsync(AgentMode.Code, Reply.Answer(OutputItem.Function("call_1", "view_image", call)), Reply.Answer(OutputItem.Message("Seen.")));
        rig.Write(name, "");
        await File.WriteAllBytesAsync(Path.Combine(rig.Workspace, name), bytes);
        return rig;
    }

    private Task<TurnOutcome> RunAsync(LoopRig rig) => LoopRig.RunAsync(rig.Turn() with { Images = new ImageFolder(_images.FullName), TakesImages = true });

    /// <summary>A sandbox whose commands find programs of the test first.</summary>
    private sealed class WithPath(ISandbox inner) : ISandbox
    {
        public Task<string> Ended => inner.Ended;

        public Task<SandboxProcess> StartAsync(SandboxCommand command, CancellationToken cancellationToken) =>
            inner.StartAsync(command with { Script = $"PATH=/tmp/bin:$PATH\n{command.Script}" }, cancellationToken);

        public Task<SandboxFile> ReadFileAsync(string path, int maxBytes, CancellationToken cancellationToken) => inner.ReadFileAsync(path, maxBytes, cancellationToken);

        public Task ChangeFilesAsync(IReadOnlyList<SandboxFileChange> changes, CancellationToken cancellationToken) => inner.ChangeFilesAsync(changes, cancellationToken);

        public Task FreezeAsync(CancellationToken cancellationToken) => inner.FreezeAsync(cancellationToken);

        public Task ThawAsync(CancellationToken cancellationToken) => inner.ThawAsync(cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
