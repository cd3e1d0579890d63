using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CodexWeb.Models.Demo;

/// <summary>A tool call a script makes, and its output once there is one.</summary>
/// <param name="tool">The tool's name.</param>
internal abstract class ToolUse(string tool)
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The tool's name.</summary>
    public string Tool { get; } = tool;

    /// <summary>The output; null while the call is still to be made.</summary>
    public string? Output { get; private set; }

    /// <summary>The arguments as JSON text.</summary>
    public string Arguments => Json().ToJsonString(Options);

    /// <summary>The argument of a tool that takes free text.</summary>
    public virtual string FreeText => Arguments;

    /// <summary>Takes the output.</summary>
    public virtual void Accept(string output) => Output = output;

    /// <summary>The arguments.</summary>
    protected abstract JsonObject Json();
}

/// <summary>A command in the sandbox, with the polls until it ended.</summary>
/// <param name="text">Shell text.</param>
/// <param name="waits">False to go on while it still runs.</param>
internal sealed partial class Command(string text, bool waits = true) : ToolUse("exec_command")
{
    private const int YieldMs = 30_000;

    /// <summary>The shell text.</summary>
    public string Text { get; } = text;

    /// <summary>The log's item; null when the output names none.</summary>
    public string? ItemId { get; private set; }

    /// <summary>The exit code; null while it runs, or when it has none.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The session it can be polled by; null when it has ended.</summary>
    public int? SessionId { get; private set; }

    /// <summary>What it wrote so far.</summary>
    public string Written { get; private set; } = "";

    /// <summary>True when it still runs and the script wants to see its end.</summary>
    public bool IsAwaited => waits && SessionId is not null;

    /// <summary>The lines it wrote.</summary>
    public IEnumerable<string> Lines => Written.Split('\n').Select(line => line.TrimEnd('\r'));

    /// <inheritdoc/>
    public override void Accept(string output)
    {
        base.Accept(output);
        Continue(output);
    }

    /// <summary>Takes the output of a poll.</summary>
    public void Continue(string output)
    {
        // Facts stand before a line "Output:"; what comes after is the command's, and may say anything.
        var split = OutputLine().Match(output);
        var head = split.Success ? output[..split.Index] : output;
        ItemId ??= ItemLine().Match(head) is { Success: true } item ? item.Groups["item"].Value : null;
        ExitCode = ExitLine().Match(head) is { Success: true } exit && int.TryParse(exit.Groups["code"].Value, CultureInfo.InvariantCulture, out var code) ? code : null;
        SessionId = ExitCode is null && SessionLine().Match(head) is { Success: true } session && int.TryParse(session.Groups["session"].Value, CultureInfo.InvariantCulture, out var id) ? id : null;
        Written += split.Success ? output[(split.Index + split.Length)..] : output;
    }

    /// <inheritdoc/>
    protected override JsonObject Json() => new() { ["cmd"] = Text, ["yield_time_ms"] = waits ? YieldMs : 1_000 };

    [GeneratedRegex(@"^Output:\r?$\n?", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex OutputLine();

    [GeneratedRegex(@"^Item: (?<item>item_\w{1,40})", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ItemLine();

    [GeneratedRegex(@"\bexit(?:ed)?(?: with)? code:? (?<code>-?\d{1,9})", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ExitLine();

    [GeneratedRegex(@"\bsession(?:[ _]id)?:? (?<session>\d{1,9})", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SessionLine();
}

/// <summary>Asks a running command for more.</summary>
internal sealed class Poll(Command command) : ToolUse("write_stdin")
{
    private const int YieldMs = 60_000;
    private readonly int _session = command.SessionId ?? throw new ArgumentException("The command has ended.", nameof(command));

    /// <inheritdoc/>
    public override void Accept(string output)
    {
        base.Accept(output);
        command.Continue(output);
    }

    /// <inheritdoc/>
    protected override JsonObject Json() => new() { ["session_id"] = _session, ["chars"] = "", ["yield_time_ms"] = YieldMs };
}

/// <summary>A patch to the files.</summary>
/// <param name="text">From <c>*** Begin Patch</c> to <c>*** End Patch</c>.</param>
internal sealed class Patch(string text) : ToolUse(ToolName)
{
    /// <summary>The tool's name.</summary>
    public const string ToolName = "apply_patch";

    /// <inheritdoc/>
    public override string FreeText => text;

    /// <summary>True when the tool says that the files were changed.</summary>
    public bool Applied => Output is { } output && output.AsSpan().TrimStart().StartsWith("Success", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    protected override JsonObject Json() => new() { ["input"] = text };
}

/// <summary>The plan, with so many steps done.</summary>
/// <param name="done">Steps that are done; the next one is under way.</param>
internal sealed class Plan(int done, params string[] steps) : ToolUse("update_plan")
{
    /// <inheritdoc/>
    protected override JsonObject Json() => new()
    {
        ["plan"] = new JsonArray([.. steps.Index().Select(step => new JsonObject
        {
            ["step"] = step.Item,
            ["status"] = step.Index < done ? "completed" : step.Index == done ? "in_progress" : "pending",
        })]),
    };
}
