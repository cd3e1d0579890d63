namespace CodexWeb;

/// <summary>Who uses a server without sign-in.</summary>
public static class LocalPerson
{
    /// <summary>As tasks name their author.</summary>
    public const string Name = "Local user";
}
