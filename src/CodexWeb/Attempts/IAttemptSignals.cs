using CodexWeb.Data;

namespace CodexWeb.Attempts;

/// <summary>
/// Says that there is something new, never what: a signal may be lost or doubled and no data is. In-process on one node; between nodes by the database.
/// </summary>
public interface IAttemptSignals
{
    /// <summary>The attempt's log grew.</summary>
    void LogGrew(AttemptId attempt);

    /// <summary>A task's row changed: its state, title, diff or place in the queue.</summary>
    void TaskChanged(TaskId task);

    /// <summary>There may be work to start, or a stop to carry out.</summary>
    void WorkChanged();

    /// <summary>A subscription to an attempt's log. Dispose to end it.</summary>
    Subscription FollowLog(AttemptId attempt);

    /// <summary>A subscription to all changed tasks. Dispose to end it.</summary>
    TaskSubscription FollowTasks();

    /// <summary>A subscription to the orchestrator's signal. Dispose to end it.</summary>
    Subscription FollowWork();
}
