using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Tasks;

namespace CodexWeb.Review;

/// <summary>Says which attempt's work leaves the server.</summary>
internal static class PushableAttempts
{
    /// <summary>Finds the attempt to push.</summary>
    /// <param name="wanted">Null for the one that was chosen or else pushed last, else the only one that changed files.</param>
    /// <returns>Why there is none; null when it was found.</returns>
    public static string? Choose(CodexTask task, AttemptId? wanted, out Attempt? attempt)
    {
        attempt = null;
        if (task.Mode is TaskMode.Ask)
        {
            return "This task only asks: it changes nothing, so there is nothing to push.";
        }

        var changed = task.Attempts.Where(a => a.Checkpoint is not null).ToList();
        attempt = wanted is { } id ? task.Attempts.Find(a => a.Id == id)
            : task.Attempts.Find(a => a.Id == task.LeadingAttemptId) ?? (changed.Count == 1 ? changed[0] : null);
        return attempt switch
        {
            null when wanted is not null => "The task has no such attempt.",
            null when changed.Count == 0 && task.Attempts.Exists(a => a.IsActive) => "The attempt is still at work. Push when it has ended, or stop it first.",
            null when changed.Count == 0 => "No attempt changed a file, so there is nothing to push.",
            null => $"{changed.Count} attempts changed files. Say which one to push.",
            { IsActive: true } => "The attempt is still at work. Push when it has ended, or stop it first.",
            { Checkpoint: null } => "The attempt changed nothing, so there is nothing to push.",
            _ => null,
        };
    }
}
