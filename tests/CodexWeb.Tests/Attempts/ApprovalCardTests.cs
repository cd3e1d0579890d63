using Bunit;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Attempts.Items;
using CodexWeb.Data;
using CodexWeb.Tests.Models;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Attempts;

public sealed class ApprovalCardTests : BunitContext
{
    [Fact]
    public async Task A_command_is_shown_whole_and_the_persons_no_carries_its_reason()
    {
        await using var app = await AskApp.StartAsync([Reply.Answer(OutputItem.Exec("call_1", "echo \u202Eb\nrm a.txt")), Reply.Answer(OutputItem.Message("Done."))]);
        var (_, attempts) = await app.BeginAsync(("approval", "auto-edit"));
        await app.AskedAsync(attempts[0]);
        var card = await CardAsync(app, attempts[0]);
        Assert.Equal("echo ‹U+202E›b\nrm a.txt", card.Find("pre").TextContent);
        Assert.Equal(["Approve", "Approve for this task", "Reject"], card.FindAll(".verbs button").Select(static button => button.TextContent));

        await card.Find("textarea").ChangeAsync(new ChangeEventArgs { Value = "Keep it." });
        await card.FindAll(".verbs button")[2].ClickAsync(new());

        await app.EndAsync(attempts[0]);
        Assert.Contains("They say: Keep it.", app.Model.Bodies[1], StringComparison.Ordinal);
        var decided = await CardAsync(app, attempts[0]);
        Assert.Equal("Rejected", decided.Find(".badge").TextContent);
        Assert.Empty(decided.FindAll("button"));
    }

    [Fact]
    public async Task Questions_are_answered_by_a_choice_or_in_own_words()
    {
        const string Questions = """{"questions":[{"question":"Which colour?","options":[{"label":"Red"},{"label":"Blue"}]},{"question":"How many?","options":[{"label":"One"},{"label":"Two"}]}]}""";
        await using var app = await AskApp.StartAsync([Reply.Answer(OutputItem.Function("call_1", "request_user_input", Questions)), Reply.Answer(OutputItem.Message("Done."))]);
        var (_, attempts) = await app.BeginAsync();
        await app.AskedAsync(attempts[0]);
        var card = await CardAsync(app, attempts[0]);
        Assert.True(card.Find("button[type=submit]").HasAttribute("disabled"));

        await card.FindAll("input[type=radio]")[1].ChangeAsync(new ChangeEventArgs { Value = "Blue" });
        await card.FindAll(".own input")[1].InputAsync(new ChangeEventArgs { Value = "Seven" });
        await card.Find("form").SubmitAsync();

        await app.EndAsync(attempts[0]);
        Assert.Contains("The person answers: Seven", (string)app.Model.InputOf(1).Last()!["output"]!, StringComparison.Ordinal);
        Assert.Equal(["Blue", "Seven"], (await CardAsync(app, attempts[0])).FindAll("dd").Select(static answer => answer.TextContent));
    }

    private async Task<IRenderedComponent<ApprovalCard>> CardAsync(AskApp app, AttemptId attempt)
    {
        if (!Services.Any(static service => service.ServiceType == typeof(ApprovalCommands)))
        {
            Services.AddSingleton(app.Services.GetRequiredService<ApprovalCommands>());
            SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        }

        var log = await app.LogAsync(attempt);
        var ended = log.OfType<AgentEvent.ItemCompleted>().Select(static e => e.Item).OfType<Item.Approval>().LastOrDefault();
        var item = ended ?? log.OfType<AgentEvent.ItemStarted>().Select(static e => e.Item).OfType<Item.Approval>().Last();
        var links = new TranscriptLinks("/tasks/1", attempt: null, default, baseCommit: null) { Attempt = attempt };
        return Render<ApprovalCard>(parameters => parameters.Add(card => card.Approval, item).Add(card => card.Live, ended is null).AddCascadingValue(links));
    }
}
