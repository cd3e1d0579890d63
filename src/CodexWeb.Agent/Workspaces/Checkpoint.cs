namespace CodexWeb.Agent.Workspaces;

/// <summary>A state of an attempt's files that the server keeps.</summary>
/// <param name="Commit">The full hash of a commit in the server's own repository. Its parent is the checkpoint before it, or the base commit.</param>
/// <param name="Number">Counts an attempt's checkpoints from 1; 0 when there is none yet.</param>
/// <param name="Changed">False when the files are as at the last checkpoint and there is only something to say.</param>
/// <param name="Notices">What is not part of it and has not been said before, in sentences for people.</param>
public sealed record Checkpoint(string Commit, int Number, bool Changed, IReadOnlyList<string> Notices);
