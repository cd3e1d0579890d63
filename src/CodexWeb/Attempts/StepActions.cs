namespace CodexWeb.Attempts;

/// <summary>What a person can do at a step of a transcript; given by the page around it.</summary>
/// <param name="ForkAsync">Starts a fork after the event of this number.</param>
/// <param name="RewindAsync">Takes the files back to how they were by the event of this number.</param>
public sealed record StepActions(Func<long, Task> ForkAsync, Func<long, Task> RewindAsync);

/// <summary>The end of a step.</summary>
/// <param name="Seq">Number of the event that ended it.</param>
/// <param name="Commit">The files as they were then; null while nothing had been changed.</param>
public sealed record TranscriptStep(long Seq, string? Commit);
