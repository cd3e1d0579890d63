using System.Globalization;
using System.Text;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Tools;

/// <summary>Puts questions of the model to a person; the answers are the tool's result.</summary>
internal sealed class RequestUserInputTool(ApprovalGate gate) : Tool
{
    private const int MostQuestions = 3;
    private const int LongestQuestion = 2_000;
    private const int LongestOption = 300;

    private static readonly ToolDefinition.Function Told = new("request_user_input", EmbeddedText.Read("Tools.RequestUserInput.md"), """
        {
          "type": "object",
          "properties": {
            "questions": {
              "type": "array",
              "description": "1 to 3 questions.",
              "items": {
                "type": "object",
                "properties": {
                  "question": { "type": "string", "description": "One sentence." },
                  "options": {
                    "type": "array",
                    "description": "2 or 3 answers to choose from.",
                    "items": {
                      "type": "object",
                      "properties": {
                        "label": { "type": "string", "description": "1 to 5 words." },
                        "description": { "type": "string", "description": "What choosing it means, one sentence." }
                      },
                      "required": ["label"],
                      "additionalProperties": false
                    }
                  }
                },
                "required": ["question", "options"],
                "additionalProperties": false
              }
            }
          },
          "required": ["questions"],
          "additionalProperties": false
        }
        """);

    /// <inheritdoc/>
    public override ToolDefinition Definition => Told;

    /// <inheritdoc/>
    public override async Task<ToolAnswer> RunAsync(ConversationEntry.ToolCall call, CancellationToken cancellationToken)
    {
        var questions = Questions(call);
        try
        {
            var answer = await gate.AskAsync(
                call,
                id => new Item.Approval(id, ApprovalKind.Question, Permission.FirstLine(questions[0].Text), CallId: call.CallId, Questions: questions),
                ruleKey: null,
                cancellationToken);
            return new ToolAnswer(Text(questions, answer));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new ToolAnswer("aborted: the person stopped the turn before they answered.");
        }
    }

    private static List<ApprovalQuestion> Questions(ConversationEntry.ToolCall call)
    {
        var questions = ToolArguments.Parse(call.Arguments).Objects("questions")
            .Select(static question => new ApprovalQuestion(
                Words(question.Text("question"), LongestQuestion, "question"),
                [.. question.Objects("options").Select(static option => new ApprovalOption(
                    Words(option.Text("label"), LongestOption, "label"), option.OptionalText("description") is { Length: > 0 } meaning ? Words(meaning, LongestQuestion, "description") : null))]))
            .ToList();
        return questions.Count is < 1 or > MostQuestions ? throw new ToolRefusedException(string.Create(CultureInfo.InvariantCulture, $"Ask 1 to {MostQuestions} questions; these are {questions.Count}. Nobody was asked."))
            : questions.Exists(static question => question.Options.Count is < 2 or > 3) ? throw new ToolRefusedException("Give each question 2 or 3 options. Nobody was asked.")
            : questions;
    }

    private static string Words(string text, int longest, string field) =>
        string.IsNullOrWhiteSpace(text) ? throw new ToolRefusedException($"The field `{field}` is empty. Nobody was asked.")
        : text.Length > longest ? throw new ToolRefusedException(string.Create(CultureInfo.InvariantCulture, $"The field `{field}` is longer than {longest} characters. Nobody was asked."))
        : text.Trim();

    private static string Text(List<ApprovalQuestion> questions, ApprovalAnswer answer)
    {
        if (!answer.Allows || answer.Answers.Count != questions.Count)
        {
            return $"The person did not answer.{(answer.Reason is { Length: > 0 } reason ? $" They say: {reason}" : "")}\nChoose the most sensible reading yourself, go on, and name the choice at the end.";
        }

        var text = new StringBuilder();
        for (var index = 0; index < questions.Count; index++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{questions[index].Text}\nThe person answers: {answer.Answers[index]}\n\n");
        }

        return text.Append(answer.Reason is { Length: > 0 } more ? $"They add: {more}" : "").ToString().TrimEnd();
    }
}
