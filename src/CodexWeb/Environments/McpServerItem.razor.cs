using CodexWeb.Agent.Tools.Mcp;
using CodexWeb.Data;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Components;

namespace CodexWeb.Environments;

/// <summary>An MCP server of an environment: what it is, a switch, a test.</summary>
public sealed partial class McpServerItem(McpServerCatalog catalog, McpTrials trials) : IDisposable
{
    private readonly Departure _gone = new();
    private CancellationTokenSource? _test;
    private McpProbeResult? _result;
    private string? _problem;
    private bool _testing;
    private bool _removing;
    private bool _busy;

    /// <summary>The environment it belongs to.</summary>
    [Parameter, EditorRequired]
    public EnvironmentId Environment { get; set; }

    /// <summary>The server as it is stored.</summary>
    [Parameter, EditorRequired]
    public McpServerRow Server { get; set; } = null!;

    /// <summary>It was changed or removed.</summary>
    [Parameter]
    public EventCallback<EnvironmentRow> Saved { get; set; }

    /// <summary>The person wants to edit it.</summary>
    [Parameter]
    public EventCallback Edit { get; set; }

    private string Where => Server.Url ?? string.Join(' ', [Server.Command, .. Server.Arguments]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
        _test?.Dispose();
    }

    private Task SwitchAsync(bool enabled) => SaveAsync(() => catalog.SaveAsync(Environment, Server.Name, Server.ToChange() with { Enabled = enabled }, _gone.Token));

    private Task ChooseAsync(IReadOnlyList<string> tools) => SaveAsync(() => catalog.SaveAsync(Environment, Server.Name, Server.ToChange() with { Tools = tools }, _gone.Token));

    private Task RemoveAsync() => SaveAsync(() => catalog.RemoveAsync(Environment, Server.Name, _gone.Token));

    private async Task SaveAsync(Func<Task<CommandResult<EnvironmentRow>>> command)
    {
        (_busy, _problem) = (true, null);
        try
        {
            var result = await command();
            _problem = result.Problem();
            if (result is CommandResult<EnvironmentRow>.Done { Value: var row })
            {
                _removing = false;
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

    private async Task TestAsync()
    {
        (_testing, _problem, _result) = (true, null, null);
        _test?.Dispose();
        _test = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        try
        {
            var result = await trials.RunAsync(Environment, Server.Name, _test.Token);
            (_result, _problem) = (result is CommandResult<McpProbeResult>.Done { Value: var value } ? value : null, result.Problem());
        }
        catch (OperationCanceledException)
        {
            // Stopped, or the page was left.
        }
        finally
        {
            _testing = false;
        }
    }

    private void StopTest() => _test?.Cancel();
}
