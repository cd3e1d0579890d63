using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Models;

/// <summary>
/// The skills an agent may use: those of the repository (<c>.agents/skills/*/SKILL.md</c> at the workspace's root) and the server's own (<see cref="ServerPath"/>).
/// The model is told name, description and path; it reads the rest when it uses one. <c>$name</c> in a prompt selects one: its instructions are given at once.
/// </summary>
/// <param name="sandbox">Where they are read: nothing of them is trusted.</param>
/// <param name="contextWindow">Tokens the model takes in; null when unknown.</param>
public sealed partial class Skills(ISandbox sandbox, int? contextWindow, TimeProvider time)
{
    /// <summary>Where the server's own skills lie in the sandbox, read-only, a folder each.</summary>
    public const string ServerPath = "/skills";

    /// <summary>Where a repository keeps its skills.</summary>
    public const string RepositoryFolder = ".agents/skills";

    /// <summary>What the list for the model begins with.</summary>
    public const string ListHeading = "# Skills";

    /// <summary>What the instructions of a selected skill begin with.</summary>
    public const string SelectedHeading = "# Selected skill ";

    private const int MostSkills = 200;
    private const int LongestListing = 64 * 1024;
    private const int LongestBody = 32 * 1024;
    private const int UsualWindow = 100_000;
    private const string Rules = "Folders with instructions for a kind of work. When one fits the work, read its SKILL.md first and follow it; paths in it are relative to its folder. `$name` in a message selects one.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What a turn begins with beside the instructions.</summary>
    /// <param name="prompt">As typed.</param>
    /// <param name="history">The conversation so far: a list that stands in it already is not given again.</param>
    /// <exception cref="SandboxException">The sandbox has ended.</exception>
    public async Task<(IReadOnlyList<ConversationEntry> Given, IReadOnlyList<AgentEvent> Notices)> ForAsync(
        string prompt, IReadOnlyList<ConversationEntry> history, ItemIds ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(ids);
        var (skills, problems) = await FindAsync(cancellationToken);
        var given = new List<ConversationEntry>();
        var notices = new List<AgentEvent>();
        if (List(skills) is { } list && history.OfType<ConversationEntry.User>().LastOrDefault(static entry => entry.Text.StartsWith(ListHeading + "\n", StringComparison.Ordinal))?.Text != list)
        {
            given.Add(new ConversationEntry.User(list, FromServer: true));
        }

        // Said once: with the list, or with the first turn.
        if (problems.Count > 0 && (given.Count > 0 || history.Count == 0))
        {
            notices.Add(Notice(ids, $"Skills left out: {string.Join("; ", problems)}."));
        }

        foreach (var skill in Selected(prompt, skills))
        {
            given.Add(new ConversationEntry.User(
                $"{SelectedHeading}{skill.File.Name}\n\nThe person selected it for this turn. It is `{skill.Path}`; paths in it are relative to its folder.\n\n<SKILL>\n{Cut(skill.File.Body)}\n</SKILL>", FromServer: true));
            notices.Add(Notice(ids, $"Skill {skill.File.Name} is used: {skill.File.Description}"));
        }

        return (given, notices);
    }

    private async Task<(List<Found> Skills, List<string> Problems)> FindAsync(CancellationToken cancellationToken)
    {
        var skills = new List<Found>();
        var problems = new List<string>();
        foreach (var path in await PathsAsync(cancellationToken))
        {
            var file = await sandbox.ReadFileAsync(path, SkillFile.MaxBytes, cancellationToken);
            var (skill, problem) = file.Kind switch
            {
                SandboxFileKind.Regular => SkillFile.Read(file.Content.Span),
                SandboxFileKind.TooLarge => (null, "it is larger than 256 KiB"),
                _ => (null, "it cannot be read"),
            };
            var shown = HiddenCharacters.RevealLine(Relative(path));
            if (skill is null)
            {
                problems.Add($"{shown} ({problem})");
            }
            else if (skills.Exists(known => string.Equals(known.File.Name, skill.Name, StringComparison.OrdinalIgnoreCase)))
            {
                problems.Add($"{shown} (another is called {skill.Name}, too)");
            }
            else
            {
                skills.Add(new Found(skill, shown));
            }
        }

        return (skills, problems);
    }

    // The repository's before the server's: who works in a repository knows it best.
    private async Task<IReadOnlyList<string>> PathsAsync(CancellationToken cancellationToken)
    {
        var process = await sandbox.StartAsync(
            new SandboxCommand
            {
                Script = "for f in \"$PWD\"/" + RepositoryFolder + "/*/SKILL.md " + ServerPath + "/*/SKILL.md; do [ -f \"$f\" ] && printf '%s\\0' \"$f\"; done 2>/dev/null",
            },
            cancellationToken);
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var listing = new MemoryStream();
        try
        {
            await foreach (var piece in process.Output.ReadAllAsync(either.Token))
            {
                listing.Write(piece.Span[..(int)Math.Min(piece.Length, LongestListing - listing.Length)]);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await process.SignalAsync(9, CancellationToken.None);
        }

        // What stands behind the last NUL was cut.
        var paths = Encoding.UTF8.GetString(listing.GetBuffer(), 0, (int)listing.Length).Split('\0')[..^1];
        return [.. paths.Take(MostSkills)];
    }

    private string? List(List<Found> skills)
    {
        if (skills.Count == 0)
        {
            return null;
        }

        // Four bytes count as a token; the list may take two per cent of the window.
        var bytes = (contextWindow ?? UsualWindow) / 50 * 4;
        var list = new StringBuilder(ListHeading).Append("\n\n").Append(Rules).Append('\n');
        var told = 0;
        foreach (var skill in skills)
        {
            var line = $"\n- {skill.File.Name}: {skill.File.Description} (`{skill.Path}`)";
            if (Encoding.UTF8.GetByteCount(list.ToString()) + Encoding.UTF8.GetByteCount(line) > bytes)
            {
                break;
            }

            list.Append(line);
            told++;
        }

        return told == skills.Count ? list.ToString()
            : list.Append(CultureInfo.InvariantCulture, $"\n\n{skills.Count - told} more are not listed here: look into {RepositoryFolder} and {ServerPath}.").ToString();
    }

    private static IEnumerable<Found> Selected(string prompt, List<Found> skills)
    {
        // What was quoted from outside selects nothing. A full stop may end the sentence and not belong to the name.
        var own = string.Join('\n', OutsideText.Parts(prompt).Where(static part => part.Source is null).Select(static part => part.Text));
        var named = Names().Matches(own).Select(static match => match.Groups["name"].Value).SelectMany(static name => new[] { name, name.TrimEnd('.', ':') }).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return skills.Where(skill => named.Contains(skill.File.Name));
    }

    private static string Cut(string body) => body.Length <= LongestBody ? body
        : string.Create(CultureInfo.InvariantCulture, $"{body[..(char.IsHighSurrogate(body[LongestBody - 1]) ? LongestBody - 1 : LongestBody)]}\n[Cut: these are the first {LongestBody:N0} of {body.Length:N0} characters. Read the rest in the file.]");

    private static string Relative(string path) =>
        path.StartsWith(ISandbox.WorkspacePath + "/", StringComparison.Ordinal) ? path[(ISandbox.WorkspacePath.Length + 1)..] : path;

    private static AgentEvent.ItemCompleted Notice(ItemIds ids, string text) => new(new Item.Notice(ids.Next(), "skill", text));

    [GeneratedRegex("(?<![\\w$])\\$(?<name>[A-Za-z0-9][A-Za-z0-9_.:-]{0,63})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Names();

    private sealed record Found(SkillFile File, string Path);
}
