using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace CodexWeb.Ui;

/// <summary>
/// A box to write in. Its text lives in the browser, as a draft that outlives a reload, and is fetched when it is sent: typing needs no connection.
/// Inside an element with <c>data-composer</c>, Ctrl/Cmd+Enter presses the button with <c>data-does="send"</c> and Alt+Enter that with <c>data-does="ask"</c>.
/// </summary>
public sealed partial class PromptBox
{
    // What the commands refuse is far smaller: a person gets their sentence, whatever is pasted up to here.
    private const long LongestText = 64 * 1024 * 1024;

    private ElementReference _box;
    private ScriptModule? _module;

    /// <summary>Unique in the page.</summary>
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    /// <summary>Its name for those who do not see it.</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    /// <summary>What to write here.</summary>
    [Parameter]
    public string Placeholder { get; set; } = "";

    /// <summary>The draft's name in the browser's store.</summary>
    [Parameter, EditorRequired]
    public string Draft { get; set; } = "";

    /// <summary>Lines when it is empty.</summary>
    [Parameter]
    public int Rows { get; set; } = 1;

    /// <summary>True when Enter alone sends and Shift+Enter makes a line.</summary>
    [Parameter]
    public bool EnterSends { get; set; }

    /// <summary>True when images and files can go along: by paste, by drop, and by a button with <c>data-does="attach"</c>.</summary>
    [Parameter]
    public bool Files { get; set; }

    /// <summary>The repository whose files and skills are offered while one types <c>@</c> or <c>$</c>; null for none.</summary>
    [Parameter]
    public string? Repository { get; set; }

    /// <summary>Its branch or commit; null for the default branch.</summary>
    [Parameter]
    public string? At { get; set; }

    /// <summary>Why the text could not be taken; null when it could.</summary>
    [Parameter]
    public string? Error { get; set; }

    private ScriptModule Module => _module ??= new ScriptModule(Scripts, "./js/composer.js");

    /// <summary>What is written now, without white space around it.</summary>
    public async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        await using var blob = await Module.AskAsync<IJSStreamReference>("text", cancellationToken, _box);
        await using var stream = await blob.OpenReadStreamAsync(LongestText, cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return (await reader.ReadToEndAsync(cancellationToken)).Trim();
    }

    /// <summary>What goes along, once it has all come to the server.</summary>
    public Task<SentFiles> FilesAsync(CancellationToken cancellationToken) => Module.AskAsync<SentFiles>("files", cancellationToken, _box);

    /// <summary>Empties it, forgets the draft and remembers the text among the past prompts.</summary>
    public Task SentAsync() => Module.CallAsync("sent", _box);

    /// <summary>Puts the cursor into it.</summary>
    public Task FocusAsync() => Module.CallAsync("focus", _box);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_module is not null)
        {
            await _module.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await Module.CallAsync("attach", _box);
        }
    }
}
