using CodexWeb.Agent.Protocol;
using CodexWeb.Data;

namespace CodexWeb.Attempts;

/// <summary>A question an attempt waits for, or waited for. It outlives the process: after a restart the same question is still open, or answered already.</summary>
public sealed class Approval
{
    private Approval()
    {
    }

    /// <summary>Its id.</summary>
    public ApprovalId Id { get; private init; }

    /// <summary>The attempt that asks.</summary>
    public AttemptId AttemptId { get; private init; }

    /// <summary>The item of the log that shows it.</summary>
    public string ItemId { get; private init; } = "";

    /// <summary>What is asked.</summary>
    public ApprovalKind Kind { get; private init; }

    /// <summary>One line, as the item has it.</summary>
    public string Title { get; private init; } = "";

    /// <summary>Exactly what "for this task" lets through: a key that equal requests share; null when that is not offered.</summary>
    public string? RuleKey { get; private init; }

    /// <summary>When it was asked.</summary>
    public DateTimeOffset AskedAt { get; private init; }

    /// <summary>What was decided; null while it waits.</summary>
    public ApprovalDecision? Decision { get; private set; }

    /// <summary>What the person wrote with it; null for nothing.</summary>
    public string? Reason { get; private set; }

    /// <summary>Answers to the questions, in their order; empty for other kinds.</summary>
    public List<string> Answers { get; private set; } = [];

    /// <summary>The person who decided; null while it waits, and when it was taken back.</summary>
    public string? DecidedBy { get; private set; }

    /// <summary>When it was decided; null while it waits.</summary>
    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>A new question.</summary>
    public static Approval Ask(AttemptId attempt, Item.Approval item, string? ruleKey, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(time);
        return new Approval
        {
            Id = Data.Id.New<ApprovalId>(time),
            AttemptId = attempt,
            ItemId = item.Id,
            Kind = item.Kind,
            Title = item.Title,
            RuleKey = ruleKey,
            AskedAt = time.GetUtcNow(),
        };
    }

    /// <summary>Answers it.</summary>
    /// <param name="by">The person; null when it is taken back.</param>
    /// <exception cref="InvalidOperationException">It was decided before.</exception>
    public void Decide(ApprovalDecision decision, string? reason, IReadOnlyList<string> answers, string? by, DateTimeOffset now)
    {
        if (Decision is not null)
        {
            throw new InvalidOperationException("It was decided before.");
        }

        (Decision, Reason, Answers, DecidedBy, DecidedAt) = (decision, reason, [.. answers], by, now);
    }
}
