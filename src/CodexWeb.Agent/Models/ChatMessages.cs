using System.Text;
using CodexWeb.Agent.Protocol;
using OpenAI.Chat;

namespace CodexWeb.Agent.Models;

/// <summary>Gathers the messages of one request: an answer's thoughts, words and calls are one message, its results follow it, and then the images of those.</summary>
/// <param name="images">Where images are; null when a line of text stands in place of each.</param>
internal sealed class ChatMessages(ChatDialect dialect, ImageFolder? images)
{
    private readonly List<ChatMessage> _messages = [];
    private readonly List<ChatMessageContentPart> _user = [];
    private readonly List<ChatMessageContentPart> _shown = [];
    private readonly StringBuilder _said = new();
    private readonly List<ChatToolCall> _calls = [];
    private ChatReasoning? _thought;

    /// <summary>The system prompt.</summary>
    public void Instructions(string text)
    {
        if (dialect.Roles)
        {
            _messages.Add(new SystemChatMessage(text));
        }
        else
        {
            _user.Add(ChatMessageContentPart.CreateTextPart(text));
        }
    }

    /// <summary>Words of the person, or of the server on the person's behalf.</summary>
    public void User(string text, IReadOnlyList<ImageReference> shown)
    {
        EndAnswer();
        EndResults();
        if (dialect.Roles)
        {
            EndUser();
        }

        _user.Add(ChatMessageContentPart.CreateTextPart(text));
        _user.AddRange(shown.Select(PartOf));
    }

    /// <summary>A message of the model.</summary>
    public void Say(string text)
    {
        BeginAnswer();
        _said.Append(_said.Length > 0 ? "\n\n" : "").Append(text);
    }

    /// <summary>What the model thought; null for what cannot be sent.</summary>
    public void Think(ChatReasoning? thought)
    {
        BeginAnswer();
        _thought = thought ?? _thought;
    }

    /// <summary>A call of the model.</summary>
    public void Call(ChatToolCall call)
    {
        BeginAnswer();
        _calls.Add(call);
    }

    /// <summary>What a tool answered.</summary>
    public void Result(string callId, string output, IReadOnlyList<ImageReference> shown)
    {
        EndAnswer();
        _messages.Add(new ToolChatMessage(callId, output));
        if (shown.Count > 0)
        {
            _shown.Add(ChatMessageContentPart.CreateTextPart($"Shown by the call {callId}:"));
            _shown.AddRange(shown.Select(PartOf));
        }
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<ChatMessage> Finish()
    {
        EndAnswer();
        EndResults();
        EndUser();
        return _messages;
    }

    private void BeginAnswer()
    {
        EndResults();
        EndUser();
    }

    private void EndAnswer()
    {
        if (_said.Length == 0 && _calls.Count == 0)
        {
            _thought = null;
            return;
        }

        var thought = _calls.Count > 0 && dialect.ReasoningBack ? _thought : null;
        var text = thought?.Field == ChatReasoning.InText ? $"<think>\n{thought.Text}</think>\n\n{_said}" : _said.ToString();
        var message = text.Length > 0 ? new AssistantChatMessage(text) : new AssistantChatMessage(_calls);
        if (text.Length == 0)
        {
            // Some servers miss a field that the client leaves out.
            message.Patch.SetNull("$.content"u8);
        }
        else
        {
            _calls.ForEach(message.ToolCalls.Add);
        }

        if (thought is { Field: not ChatReasoning.InText })
        {
            message.Patch.Set(Encoding.UTF8.GetBytes($"$.{thought.Field}"), thought.Text);
        }

        _messages.Add(message);
        _said.Clear();
        _calls.Clear();
        _thought = null;
    }

    private void EndResults()
    {
        if (_shown.Count > 0)
        {
            // A tool message takes no images; those of one answer follow its last result.
            _user.AddRange(_shown);
            _shown.Clear();
            if (dialect.Roles)
            {
                EndUser();
            }
        }
    }

    private void EndUser()
    {
        if (_user.Count == 0)
        {
            return;
        }

        // Where there is nothing but text, it goes as one: not every server takes parts.
        _messages.Add(_user.TrueForAll(static part => part.Kind is ChatMessageContentPartKind.Text)
            ? new UserChatMessage(string.Join("\n\n", _user.Select(static part => part.Text)))
            : new UserChatMessage(_user));
        _user.Clear();
    }

    private ChatMessageContentPart PartOf(ImageReference image) => images?.Read(image) is { } bytes
        ? ChatMessageContentPart.CreateImagePart(bytes, image.MediaType)
        : ChatMessageContentPart.CreateTextPart(ImageFolder.InPlaceOf(image, taken: images is not null));
}
