namespace CodexWeb.Ui;

/// <summary>The result of the person's own action, said once. One per circuit; everything else is said in the page itself.</summary>
public sealed class Toaster
{
    // The region of the layout: there is one.
    internal Action<Toast>? Region { get; set; }

    /// <summary>Says it.</summary>
    public void Show(Toast toast) => Region?.Invoke(toast);

    /// <summary>Says it.</summary>
    public void Show(string text) => Show(new Toast(text));
}

/// <summary>One sentence.</summary>
/// <param name="Text">What happened.</param>
/// <param name="Failed">True when it could not be done.</param>
/// <param name="Undo">Takes the action back; null when it cannot be.</param>
public sealed record Toast(string Text, bool Failed = false, Func<Task>? Undo = null);
