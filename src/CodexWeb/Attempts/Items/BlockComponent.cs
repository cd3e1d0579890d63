using Microsoft.AspNetCore.Components;

namespace CodexWeb.Attempts.Items;

/// <summary>A component that shows one block and is drawn again only when that changed, or by an event of its own: thousands of them stay cheap.</summary>
public abstract class BlockComponent : ComponentBase
{
    private long _drawn = -1;
    private bool _asked;
    private bool _opens;

    /// <summary>What is shown. It grows in place.</summary>
    [Parameter, EditorRequired]
    public TranscriptBlock Block { get; set; } = null!;

    /// <summary>True while this is the end of the work that goes on now.</summary>
    [Parameter]
    public bool Latest { get; set; }

    /// <summary>Where its parts link to.</summary>
    [CascadingParameter]
    public TranscriptLinks Links { get; set; } = null!;

    /// <inheritdoc/>
    public override Task SetParametersAsync(ParameterView parameters)
    {
        _asked = true;
        return base.SetParametersAsync(parameters);
    }

    /// <inheritdoc/>
    protected override void OnInitialized() => (_asked, _drawn, _opens) = (false, Block.Version, Latest);

    /// <inheritdoc/>
    protected override bool ShouldRender()
    {
        var needed = !_asked || _drawn != Block.Version || _opens != Latest;
        (_asked, _drawn, _opens) = (false, Block.Version, Latest);
        return needed;
    }
}
