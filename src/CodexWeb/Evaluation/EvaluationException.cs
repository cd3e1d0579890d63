namespace CodexWeb.Evaluation;

/// <summary>An evaluation cannot begin or go on; the message says why and what to do.</summary>
public sealed class EvaluationException(string message, Exception? inner = null) : Exception(message, inner);
