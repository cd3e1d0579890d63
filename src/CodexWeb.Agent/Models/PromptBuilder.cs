using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Agent.Models;

/// <summary>What the model is told besides the person's words. The system prompt is the same for all requests of an attempt's mode.</summary>
internal sealed class PromptBuilder
{
    /// <summary>After an answer that was cut.</summary>
    public const string GoOnAfterCut = "Your answer was cut at the output limit. Go on from where it stopped, in smaller steps.";

    /// <summary>When the budget is used up and the person wants a last word.</summary>
    public const string WrapUp = "The task's budget is used up, and the person asks you to wrap up. You can call no more tools. Write the final message now: what is done, which checks ran with which result, and what is left open.";

    /// <summary>After an answer without a word or a call.</summary>
    public const string GoOnAfterNothing = "Your answer was empty. Go on with the work, or write the final message if it is done.";

    private const string NotAsAsked = "Your final message could not be used:";

    private readonly AgentTurn _turn;
    private readonly string _instructions;
    private readonly IReadOnlyList<ToolDefinition> _tools;
    private readonly Skills _skills;
    private Instructions _files;

    /// <summary>Reads the texts of the turn's mode.</summary>
    /// <param name="tools">What the model may call, always in the same order.</param>
    public PromptBuilder(AgentTurn turn, IReadOnlyList<ToolDefinition> tools, TimeProvider time)
    {
        _skills = new Skills(turn.Sandbox, turn.ContextWindow, time);
        (_turn, _tools) = (turn, tools);
        _files = Files(turn.History.Entries);
        var text = EmbeddedText.Read($"Models.Prompts.{turn.Mode}.md");
        _instructions = string.IsNullOrWhiteSpace(turn.EnvironmentNotes) ? text : $"{text}\n\n## This environment\n\n{turn.EnvironmentNotes.Trim()}";
    }

    /// <summary>Tokens of what stands around the conversation in each request: system prompt and tools.</summary>
    public long TokensAround => ContextMeter.TokensOf(_instructions) + _tools.Sum(static tool => ContextMeter.TokensOf(tool));

    /// <summary>The next request.</summary>
    public ModelRequest Request() =>
        new(_turn.Model, _turn.ReasoningEffort, _instructions, _turn.History.Entries, _tools, _turn.CacheKey, _turn.Reasons, _turn.Output, _turn.TakesImages ? _turn.Images : null);

    /// <summary>The request for a hand-over. It begins as the last request did, so that the provider's cache serves it.</summary>
    /// <param name="entries">What is to be handed over.</param>
    public ModelRequest HandOverRequest(IReadOnlyList<ConversationEntry> entries) =>
        Request() with { Input = [.. entries, new ConversationEntry.User(EmbeddedText.Read("Models.Prompts.Compact.md"), FromServer: true)], Output = null };

    /// <summary>The instructions a conversation that begins anew begins with, read afresh. Those of other folders are given again when they are next worked in.</summary>
    public Task<(IReadOnlyList<ConversationEntry> Given, IReadOnlyList<AgentEvent> Notices)> InstructionsAnewAsync(ItemIds ids, CancellationToken cancellationToken)
    {
        _files = Files([]);
        return BeginAsync(_turn.Prompt ?? "", [], ids, cancellationToken);
    }

    /// <summary>The instructions a turn begins with: those of the workspace's root, the list of skills, and the skills its prompt selects.</summary>
    public Task<(IReadOnlyList<ConversationEntry> Given, IReadOnlyList<AgentEvent> Notices)> InstructionsAsync(ItemIds ids, CancellationToken cancellationToken) =>
        BeginAsync(_turn.Prompt ?? "", _turn.History.Entries, ids, cancellationToken);

    private async Task<(IReadOnlyList<ConversationEntry> Given, IReadOnlyList<AgentEvent> Notices)> BeginAsync(
        string prompt, IReadOnlyList<ConversationEntry> history, ItemIds ids, CancellationToken cancellationToken)
    {
        var (given, notices) = await InstructionsAsync([""], ids, cancellationToken);
        // A review follows the repository's rules for reviews and nothing else.
        var (skills, said) = _turn.Mode is AgentMode.Review ? ([], []) : await _skills.ForAsync(prompt, history, ids, cancellationToken);
        return ([.. given, .. skills], [.. notices, .. said]);
    }

    /// <summary>The instructions of folders that were worked in, as far as they were not given yet.</summary>
    public async Task<(IReadOnlyList<ConversationEntry> Given, IReadOnlyList<AgentEvent> Notices)> InstructionsAsync(
        IReadOnlyList<string> folders, ItemIds ids, CancellationToken cancellationToken)
    {
        var messages = await _files.ForAsync(folders, cancellationToken);
        return (
            [.. messages.Select(static message => new ConversationEntry.User(message.Text, FromServer: true))],
            [.. messages.Select(message => new AgentEvent.ItemCompleted(new Item.Notice(ids.Next(), "instructions", message.Summary)))]);
    }

    /// <summary>What the model reads after a final message of another form than was asked for.</summary>
    public static ConversationEntry.User Correction(string problem) => new($"{NotAsAsked} {problem} Write it again: one JSON object of the given schema, with nothing around it.", FromServer: true);

    /// <summary>True for what <see cref="Correction"/> made.</summary>
    public static bool IsCorrection(ConversationEntry entry) => entry is ConversationEntry.User { Text: var text } && text.StartsWith(NotAsAsked, StringComparison.Ordinal);

    /// <summary>What the model reads when it goes on after it was stopped.</summary>
    /// <param name="why">What stopped it.</param>
    /// <param name="ran">Commands that were ended.</param>
    /// <param name="unfinished">What it was saying.</param>
    public static string Interrupted(string why, IReadOnlyList<LiveCommand> ran, IReadOnlyList<Item> unfinished)
    {
        var commands = ran.Count == 0 ? "" : $" Commands that were still running were ended: {string.Join(", ", ran.Select(static command => command.ItemId))}.";
        var saying = unfinished.OfType<Item.AgentMessage>().LastOrDefault() is { Text: var text } ? $" You were writing: “{(text.Length <= 2000 ? text : text[..2000] + "…")}”" : "";
        return $"{why} here. What was under way may be half done: look at the files before you go on.{commands}{saying}";
    }

    private Instructions Files(IReadOnlyList<ConversationEntry> history) =>
        new(_turn.Sandbox, new InstructionSettings { Global = _turn.GlobalInstructions, FallbackNames = _turn.InstructionFallbackNames }, history);
}
