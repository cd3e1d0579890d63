using System.Text;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Agent.Models;

/// <summary>What the model reads in place of a conversation that was compacted: the server's facts first, then its own words, to the end.</summary>
internal static class HandOver
{
    private const string Opening = "The conversation up to here was compacted: what was said, done and read before is gone from it and is replaced by this hand-over. The files are as they were left.";
    private const string FactsHeading = "# Facts, recorded by the server";
    private const string SummaryHeading = "# Hand-over, written by you";
    private const string NoSummary = "(None could be made this time. Look at the files and at `git diff` before you go on.)";

    /// <summary>The entry for the conversation.</summary>
    /// <param name="summary">The model's words; null when there are none.</param>
    public static ConversationEntry.User Entry(string facts, string? summary) =>
        new($"{Opening}\n\n{FactsHeading}\n\nThey are right where the hand-over below says something else.\n\n{facts}\n\n{SummaryHeading}\n\n{summary ?? NoSummary}", FromServer: true);

    /// <summary>The same for people.</summary>
    public static string ForPeople(string facts, string? summary) => summary is null ? facts : $"{summary}\n\n---\n\n{facts}";

    /// <summary>The model's words of the last hand-over in a conversation; null when there are none.</summary>
    public static string? LastSummary(IEnumerable<ConversationEntry> entries)
    {
        var last = entries.OfType<ConversationEntry.User>().LastOrDefault(static entry => entry.FromServer && entry.Text.StartsWith(Opening, StringComparison.Ordinal));
        // The facts have no such line, so the first is ours.
        var parts = last?.Text.Split($"\n{SummaryHeading}\n\n", 2);
        return parts is [_, not NoSummary and var summary] ? summary : null;
    }

    /// <summary>The newest messages of the person that fit, oldest first, with their images. The one that crosses the limit is cut.</summary>
    public static IReadOnlyList<ConversationEntry.User> NewestMessages(IReadOnlyList<ConversationEntry> entries, long tokens)
    {
        var kept = new List<ConversationEntry.User>();
        foreach (var message in entries.OfType<ConversationEntry.User>().Where(static entry => !entry.FromServer).Reverse())
        {
            var size = ContextMeter.TokensOf(message);
            if (size > tokens)
            {
                // The newest is kept in any case, as much of it as there is room for.
                if (kept.Count == 0 || tokens >= 200)
                {
                    kept.Add(new ConversationEntry.User(OutputBudget.Cut(KeptOutput.Whole(Encoding.UTF8.GetBytes(message.Text)), (int)tokens)));
                }

                break;
            }

            kept.Add(message);
            tokens -= size;
        }

        kept.Reverse();
        return kept;
    }
}
