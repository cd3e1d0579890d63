using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Environments;

/// <summary>Adds or changes an MCP server of an environment.</summary>
public sealed partial class McpServerForm(McpServerCatalog catalog) : IDisposable
{
    private readonly Departure _gone = new();
    private string _name = "";
    private string _command = "";
    private string _url = "";
    private List<TextRow> _arguments = [];
    private List<NamedValue> _variables = [];
    private List<NamedValue> _headers = [];
    private int _start = 30;
    private int _call = 300;
    private bool _remote;
    private IReadOnlyDictionary<string, string> _problems = new Dictionary<string, string>(StringComparer.Ordinal);
    private string? _problem;
    private bool _busy;

    /// <summary>The environment it belongs to.</summary>
    [Parameter, EditorRequired]
    public EnvironmentId Environment { get; set; }

    /// <summary>The server as it is stored; null for a new one.</summary>
    [Parameter]
    public McpServerRow? Server { get; set; }

    /// <summary>It was saved.</summary>
    [Parameter]
    public EventCallback<EnvironmentRow> Saved { get; set; }

    /// <summary>The person does not want to after all.</summary>
    [Parameter]
    public EventCallback Cancelled { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        if (Server is { } server)
        {
            (_name, _command, _url, _remote) = (server.Name, server.Command ?? "", server.Url ?? "", server.Url is not null);
            (_arguments, _variables) = (TextRow.Rows(server.Arguments), NamedValue.Rows(server.Variables));
            _headers = [.. server.Headers.Select(static name => new NamedValue { Name = name, Stored = true })];
            (_start, _call) = (server.StartSeconds, server.CallSeconds);
        }
    }

    private string Id(string part) => $"mcp-{(Server is null ? "new" : Server.Name)}-{part}";

    private string? Wrong(string field) => _problems.GetValueOrDefault(field);

    private async Task SaveAsync()
    {
        var (variables, twice) = NamedValue.Map(_remote ? [] : _variables, StringComparer.Ordinal);
        var (headers, twiceHeader) = NamedValue.Map(_remote ? _headers : [], StringComparer.OrdinalIgnoreCase);
        if (twice is not null || twiceHeader is not null)
        {
            _problems = new Dictionary<string, string>(StringComparer.Ordinal) { [twice is null ? "headers" : "variables"] = $"{twice ?? twiceHeader} is there twice." };
            return;
        }

        (_busy, _problem) = (true, null);
        try
        {
            var result = await catalog.SaveAsync(Environment, Server?.Name, Change(variables, headers), _gone.Token);
            _problems = result is CommandResult<EnvironmentRow>.Invalid { Errors: var errors } ? errors : new Dictionary<string, string>(StringComparer.Ordinal);
            _problem = result is CommandResult<EnvironmentRow>.Invalid ? null : result.Problem();
            if (result is CommandResult<EnvironmentRow>.Done { Value: var row })
            {
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

    private McpServerChange Change(Dictionary<string, string> variables, Dictionary<string, string> headers) => new()
    {
        Name = _name.Trim(),
        Enabled = Server?.Enabled ?? true,
        Command = _remote ? null : _command,
        Arguments = _remote ? [] : [.. _arguments.Select(static row => row.Text)],
        Variables = variables,
        Url = _remote ? _url : null,
        Headers = headers.ToDictionary(static header => header.Key, static header => header.Value.Length == 0 ? null : header.Value, StringComparer.OrdinalIgnoreCase),
        Tools = Server?.Tools ?? [],
        StartSeconds = _start,
        CallSeconds = _call,
    };
}
