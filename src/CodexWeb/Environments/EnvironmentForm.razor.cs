using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Environments;

/// <summary>Name, set-up script, checks and variables of an environment, saved together.</summary>
public sealed partial class EnvironmentForm(EnvironmentCatalog catalog) : IDisposable
{
    private static readonly string[] Fields = ["name", "setupScript", "variables", "checks"];

    private readonly Departure _gone = new();
    private EnvironmentId? _taken;
    private string _name = "";
    private string _setup = "";
    private List<TextRow> _checks = [];
    private List<NamedValue> _variables = [];
    private IReadOnlyDictionary<string, string> _problems = new Dictionary<string, string>(StringComparer.Ordinal);
    private string? _problem;
    private string? _said;
    private bool _changed;
    private bool _busy;

    /// <summary>The environment as it is stored.</summary>
    [Parameter, EditorRequired]
    public EnvironmentRow Environment { get; set; } = null!;

    /// <summary>It was saved.</summary>
    [Parameter]
    public EventCallback<EnvironmentRow> Saved { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        // What is being typed is not written over when something else of the environment was saved.
        if (_taken != Environment.Id)
        {
            _taken = Environment.Id;
            (_name, _setup) = (Environment.Name, Environment.SetupScript);
            (_checks, _variables) = (TextRow.Rows(Environment.Checks), NamedValue.Rows(Environment.Variables));
        }
    }

    private void Touch() => (_changed, _said) = (true, null);

    private async Task SaveAsync()
    {
        var (variables, twice) = NamedValue.Map(_variables, StringComparer.Ordinal);
        if (twice is not null)
        {
            _problems = new Dictionary<string, string>(StringComparer.Ordinal) { ["variables"] = $"The variable {twice} is there twice." };
            return;
        }

        (_busy, _problem, _said) = (true, null, null);
        try
        {
            var checks = _checks.Select(static row => row.Text.Trim()).Where(static text => text.Length > 0).ToList();
            var result = await catalog.ChangeAsync(Environment.Id, new EnvironmentChange(_name, _setup, variables, checks, Environment.Reviews), _gone.Token);
            _problems = result is CommandResult<EnvironmentRow>.Invalid { Errors: var errors } ? errors : new Dictionary<string, string>(StringComparer.Ordinal);
            _problem = result is CommandResult<EnvironmentRow>.Invalid && Fields.Any(_problems.ContainsKey) ? null : result.Problem();
            if (result is CommandResult<EnvironmentRow>.Done { Value: var row })
            {
                (_changed, _said) = (false, "Saved. Turns that begin from now on work by it.");
                await Saved.InvokeAsync(row);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        finally
        {
            _busy = false;
        }
    }
}
