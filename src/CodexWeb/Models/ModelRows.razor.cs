using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Models;

/// <summary>The models of a provider while they are entered.</summary>
public sealed partial class ModelRows
{
    private const int MostShown = 60;

    /// <summary>Changed in place.</summary>
    [Parameter, EditorRequired]
    public List<ModelOptions> Models { get; set; } = [];

    /// <summary>Names the server told; empty until it was asked.</summary>
    [Parameter]
    public IReadOnlyList<string> Offered { get; set; } = [];

    /// <summary>What is wrong with them; null for nothing.</summary>
    [Parameter]
    public string? Problem { get; set; }

    /// <summary>True while the server is asked.</summary>
    [Parameter]
    public bool Busy { get; set; }

    /// <summary>A person wants the server asked for its models.</summary>
    [Parameter]
    public EventCallback Listing { get; set; }

    private string Id(ModelOptions model, string field) => string.Create(CultureInfo.InvariantCulture, $"model-{Models.IndexOf(model) + 1}-{field}");

    private IEnumerable<(string Key, string Words, string? Price, EventCallback<ChangeEventArgs> Set)> Prices(ModelOptions model)
    {
        yield return ("in", "Input", Text(model.InputPrice), Setter(price => model.InputPrice = price));
        yield return ("cached", "Cached input", Text(model.CachedInputPrice), Setter(price => model.CachedInputPrice = price));
        yield return ("out", "Output", Text(model.OutputPrice), Setter(price => model.OutputPrice = price));
    }

    private static string? Text(decimal? price) => price?.ToString(CultureInfo.InvariantCulture);

    // A number field of the browser speaks the invariant culture, and is empty for what is no number.
    private EventCallback<ChangeEventArgs> Setter(Action<decimal?> set) => EventCallback.Factory.Create<ChangeEventArgs>(this, change =>
        set(decimal.TryParse(change.Value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var price) ? price : null));

    private void Toggle(string name)
    {
        if (Models.RemoveAll(model => string.Equals(model.Id, name, StringComparison.Ordinal)) == 0)
        {
            // The row that waits for a name takes it.
            if (Models.Find(static model => model.Id.Length == 0) is { } empty)
            {
                empty.Id = name;
            }
            else
            {
                Models.Add(new ModelOptions { Id = name });
            }
        }

        if (Models.Count == 0)
        {
            Models.Add(new ModelOptions());
        }
    }
}
