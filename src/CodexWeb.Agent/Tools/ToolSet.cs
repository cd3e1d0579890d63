using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools;

/// <summary>The tools of one turn, by its mode; always in the same order, so that requests begin alike.</summary>
internal sealed class ToolSet
{
    private readonly List<ToolDefinition> _definitions;
    private readonly Dictionary<string, Tool> _tools;
    private readonly UpdatePlanTool _plan;

    /// <summary>Makes them.</summary>
    public ToolSet(AgentTurn turn, TurnLog log, CommandSessions commands, ApprovalGate gate, TimeProvider time)
    {
        _plan = new UpdatePlanTool(log);
        var patches = turn.Mode is AgentMode.Code ? new ApplyPatchTool(turn, log) : null;
        Tool[] all = [new ExecCommandTool(turn, log, commands, patches), new WriteStdinTool(turn, log, commands), _plan];
        Tool[] images = turn.Images is null ? [] : [new ViewImageTool(turn, log, time)];
        Tool[] questions = gate.CanAsk ? [new RequestUserInputTool(gate)] : [];
        Tool[] offered = [.. all, .. patches is null ? (Tool[])[] : [patches], .. images, .. questions];
        _definitions = [.. offered.Select(static tool => tool.Definition)];
        _tools = offered.ToDictionary(static tool => tool.Definition.Name, StringComparer.Ordinal);
    }

    /// <summary>What the model is told of. Grows in place by <see cref="Add"/>.</summary>
    public IReadOnlyList<ToolDefinition> Definitions => _definitions;

    /// <summary>The plan as the model left it; null when it made none.</summary>
    public Item.Plan? Plan => _plan.Plan;

    /// <summary>Adds tools behind those there are, before the first request of the turn. Their names are not in use.</summary>
    public void Add(IReadOnlyList<Tool> tools)
    {
        foreach (var tool in tools)
        {
            _definitions.Add(tool.Definition);
            _tools.Add(tool.Definition.Name, tool);
        }
    }

    /// <summary>True when there is a tool of this name.</summary>
    public bool Offers(string name) => _tools.ContainsKey(name);

    /// <summary>The tool of a name.</summary>
    /// <exception cref="ToolRefusedException">There is none; the message lists those there are.</exception>
    public Tool Find(string name) => _tools.GetValueOrDefault(name) ?? throw new ToolRefusedException(
        $"There is no tool `{(name.Length <= 80 ? name : name[..80] + "…")}` here. The tools are: {string.Join(", ", _tools.Keys)}.");
}
