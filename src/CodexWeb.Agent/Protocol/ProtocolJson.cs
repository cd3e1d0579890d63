using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CodexWeb.Agent.Protocol;

/// <summary>The JSON form of events, items and conversation entries: camelCase, a <c>type</c> discriminator first, unknown kinds preserved.</summary>
public static class ProtocolJson
{
    private static readonly Dictionary<string, Type> Events = new(StringComparer.Ordinal)
    {
        ["status.changed"] = typeof(AgentEvent.StatusChanged),
        ["phase.changed"] = typeof(AgentEvent.PhaseChanged),
        ["turn.started"] = typeof(AgentEvent.TurnStarted),
        ["turn.completed"] = typeof(AgentEvent.TurnCompleted),
        ["turn.failed"] = typeof(AgentEvent.TurnFailed),
        ["item.started"] = typeof(AgentEvent.ItemStarted),
        ["item.updated"] = typeof(AgentEvent.ItemUpdated),
        ["item.completed"] = typeof(AgentEvent.ItemCompleted),
        ["history.appended"] = typeof(AgentEvent.HistoryAppended),
        ["history.replaced"] = typeof(AgentEvent.HistoryReplaced),
        ["host.contacted"] = typeof(AgentEvent.HostContacted),
        ["usage"] = typeof(AgentEvent.UsageReported),
        ["checkpoint"] = typeof(AgentEvent.Checkpoint),
    };

    private static readonly Dictionary<string, Type> Items = new(StringComparer.Ordinal)
    {
        ["user_message"] = typeof(Item.UserMessage),
        ["agent_message"] = typeof(Item.AgentMessage),
        ["reasoning"] = typeof(Item.Reasoning),
        ["command_execution"] = typeof(Item.CommandExecution),
        ["file_change"] = typeof(Item.FileChange),
        ["plan"] = typeof(Item.Plan),
        ["mcp_tool_call"] = typeof(Item.McpToolCall),
        ["image_view"] = typeof(Item.ImageView),
        ["approval"] = typeof(Item.Approval),
        ["notice"] = typeof(Item.Notice),
        ["error"] = typeof(Item.Error),
    };

    private static readonly Dictionary<string, Type> Entries = new(StringComparer.Ordinal)
    {
        ["user"] = typeof(ConversationEntry.User),
        ["assistant"] = typeof(ConversationEntry.Assistant),
        ["reasoning"] = typeof(ConversationEntry.Reasoning),
        ["tool_call"] = typeof(ConversationEntry.ToolCall),
        ["tool_result"] = typeof(ConversationEntry.ToolResult),
    };

    /// <summary>Options for everything of the protocol: camelCase, snake_case enums, nulls left out.</summary>
    public static JsonSerializerOptions Options { get; } = Make(unions: true);

    // Without the union converters: what the converters themselves use for the cases, and so the inner unions are kept.
    private static readonly JsonSerializerOptions Inner = Make(unions: false);

    /// <summary>The wire <c>type</c> of an event.</summary>
    public static string TypeOf(AgentEvent @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        return @event is AgentEvent.Unrecognised unknown ? unknown.Type : EventNames[@event.GetType()];
    }

    /// <summary>The event as one line of JSON.</summary>
    public static string Write(AgentEvent @event) => JsonSerializer.Serialize(@event, Options);

    /// <summary>The event of a JSON text written by <see cref="Write"/>, by this or another version.</summary>
    /// <exception cref="JsonException">The text is no JSON object with a <c>type</c>.</exception>
    public static AgentEvent ReadEvent(string json) =>
        JsonSerializer.Deserialize<AgentEvent>(json, Options) ?? throw new JsonException("An event is a JSON object.");

    private static readonly Dictionary<Type, string> EventNames = Events.ToDictionary(e => e.Value, e => e.Key);

    private static JsonSerializerOptions Make(bool unions)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            // The JSON is never put into HTML: a person reading the log wants to see < and é as they are.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        options.Converters.Add(new UnionConverter<Item>(Items, static json =>
            new Item.Unrecognised(json.TryGetProperty("id", out var id) ? id.GetString() ?? "" : "", json), static item => (item as Item.Unrecognised)?.Json));
        options.Converters.Add(new UnionConverter<ConversationEntry>(Entries, static json =>
            throw new JsonException($"No such conversation entry: {json.GetProperty("type")}."), static _ => null));
        if (unions)
        {
            options.Converters.Add(new UnionConverter<AgentEvent>(Events, static json =>
                new AgentEvent.Unrecognised(json.GetProperty("type").GetString()!, json), static @event => (@event as AgentEvent.Unrecognised)?.Json));
        }

        return options;
    }

    private sealed class UnionConverter<T>(Dictionary<string, Type> cases, Func<JsonElement, T> unknown, Func<T, JsonElement?> kept) : JsonConverter<T>
        where T : class
    {
        private readonly Dictionary<Type, string> _names = cases.ToDictionary(c => c.Value, c => c.Key);

        public override bool CanConvert(Type typeToConvert) => typeToConvert == typeof(T);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var json = JsonElement.ParseValue(ref reader);
            if (json.ValueKind is not JsonValueKind.Object || !json.TryGetProperty("type", out var type) || type.ValueKind is not JsonValueKind.String)
            {
                throw new JsonException($"A {typeof(T).Name} is a JSON object with a 'type'.");
            }

            return cases.TryGetValue(type.GetString()!, out var known) ? (T)json.Deserialize(known, Inner)! : unknown(json.Clone());
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            if (kept(value) is { } json)
            {
                json.WriteTo(writer);
                return;
            }

            writer.WriteStartObject();
            writer.WriteString("type", _names[value.GetType()]);
            foreach (var (name, node) in (JsonObject)JsonSerializer.SerializeToNode(value, value.GetType(), Inner)!)
            {
                writer.WritePropertyName(name);
                if (node is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    node.WriteTo(writer, options);
                }
            }

            writer.WriteEndObject();
        }
    }
}
