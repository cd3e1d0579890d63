using CodexWeb.Ui;

namespace CodexWeb.Tasks;

/// <summary>Settings › Templates: add, edit, remove.</summary>
public sealed partial class TemplateSettings(PromptTemplates templates) : IDisposable
{
    private const string Field = "{{name}}";

    private readonly Departure _gone = new();
    private IReadOnlyList<PromptTemplateView>? _templates;
    private Draft? _edited;
    private CommandResult<PromptTemplateView>? _result;
    private string? _problem;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync() => _templates = await templates.ListAsync(_gone.Token);

    private void Begin(PromptTemplateView? template)
    {
        (_result, _problem) = (null, null);
        _edited = template is null ? new Draft { IsNew = true } : new Draft { Name = template.Name, Description = template.Description, Text = template.Text };
    }

    private async Task SaveAsync()
    {
        if (_edited is not { } draft)
        {
            return;
        }

        _result = await templates.SaveAsync(new PromptTemplateView(draft.Name.Trim(), draft.Description, draft.Text), draft.IsNew, LocalPerson.Name, _gone.Token);
        _problem = _result is CommandResult<PromptTemplateView>.Refused refused ? refused.Reason : null;
        if (_result is CommandResult<PromptTemplateView>.Done)
        {
            _edited = null;
            await LoadAsync();
        }
    }

    private async Task TakeAsync(PromptTemplateView example)
    {
        _problem = (await templates.SaveAsync(example, isNew: true, LocalPerson.Name, _gone.Token)).Problem();
        await LoadAsync();
    }

    private async Task RemoveAsync(PromptTemplateView template)
    {
        _problem = (await templates.RemoveAsync(template.Name, _gone.Token)).Problem();
        await LoadAsync();
    }

    private sealed class Draft
    {
        public bool IsNew { get; init; }

        public string Name { get; set; } = "";

        public string Description { get; set; } = "";

        public string Text { get; set; } = "";
    }
}
