using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools;

/// <summary>Keeps the plan people see: one item for the whole turn.</summary>
internal sealed class UpdatePlanTool(TurnLog log) : Tool
{
    private const int MostSteps = 100;
    private const int LongestStep = 2_000;

    private static readonly ToolDefinition.Function Told = new("update_plan", EmbeddedText.Read("Tools.UpdatePlan.md"), """
        {
          "type": "object",
          "properties": {
            "explanation": { "type": "string", "description": "Why the plan changed, in a sentence. Leave out when it is obvious." },
            "plan": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "step": { "type": "string" },
                  "status": { "type": "string", "enum": ["pending", "in_progress", "completed"] }
                },
                "required": ["step", "status"],
                "additionalProperties": false
              }
            }
          },
          "required": ["plan"],
          "additionalProperties": false
        }
        """);

    /// <inheritdoc/>
    public override ToolDefinition Definition => Told;

    /// <summary>The plan as it stands; null before the first.</summary>
    public Item.Plan? Plan { get; private set; }

    /// <inheritdoc/>
    public override Task<ToolAnswer> RunAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = ToolArguments.Parse(call.Arguments);
        var steps = arguments.Objects("plan").Select(static step => new PlanStep(Words(step.Text("step")), Status(step.Text("status")))).ToList();
        if (steps.Count > MostSteps)
        {
            throw new ToolRefusedException($"The plan has {steps.Count} steps. Keep it under {MostSteps}.");
        }

        if (steps.Count(static step => step.Status is PlanStepStatus.InProgress) > 1)
        {
            throw new ToolRefusedException("More than one step is in_progress. At most one can be; the plan was not changed.");
        }

        var first = Plan is null;
        Plan = new Item.Plan(Plan?.Id ?? log.Ids.Next(), steps, arguments.OptionalText("explanation"));
        return Task.FromResult(new ToolAnswer("The plan is updated.", first ? new AgentEvent.ItemStarted(Plan) : new AgentEvent.ItemUpdated(Plan.Id, Item: Plan)));
    }

    private static string Words(string step) => step.Length <= LongestStep ? step : step[..LongestStep] + "…";

    private static PlanStepStatus Status(string status) => status switch
    {
        "pending" => PlanStepStatus.Pending,
        "in_progress" => PlanStepStatus.InProgress,
        "completed" => PlanStepStatus.Completed,
        _ => throw new ToolRefusedException($"The status `{(status.Length <= 40 ? status : status[..40] + "…")}` is not known. Use pending, in_progress or completed."),
    };
}
