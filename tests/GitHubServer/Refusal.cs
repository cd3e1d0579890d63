using System.Text.Json.Nodes;

namespace CodexWeb.EmulatedGitHub;

/// <summary>An answer that is an error, in GitHub's form: <c>{"message", "errors"?, "documentation_url", "status"}</c>.</summary>
internal sealed class Refusal(int status, string message, JsonArray? errors = null) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>What one gets who may not know that there is something.</summary>
    public static Refusal NotFound() => new(404, "Not Found");

    public static Refusal BadCredentials() => new(401, "Bad credentials");

    public static Refusal AuthenticationRequired() => new(401, "Requires authentication");

    public static Refusal Forbidden(string message) => new(403, message);

    /// <summary>A field that is missing or of another type, which the schema alone finds out.</summary>
    public static Refusal NotSupplied(string field) => new(422, $"Invalid request.\n\n\"{field}\" wasn't supplied.");

    /// <summary>A field whose value will not do.</summary>
    public static Refusal Invalid(string resource, string field, string code = "invalid") =>
        new(422, "Validation Failed", [new JsonObject { ["resource"] = resource, ["field"] = field, ["code"] = code }]);

    /// <summary>What only a sentence can say.</summary>
    public static Refusal Custom(string resource, string message, string? field = null)
    {
        var error = new JsonObject { ["resource"] = resource, ["code"] = "custom", ["message"] = message };
        if (field is not null)
        {
            error["field"] = field;
        }

        return new Refusal(422, "Validation Failed", [error]);
    }

    /// <summary>The plain sentences that some endpoints give in place of objects.</summary>
    public static Refusal Unprocessable(params string[] sentences) => new(422, "Unprocessable Entity", Wire.Array(sentences));

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["message"] = Message };
        if (errors is not null)
        {
            json["errors"] = errors.DeepClone();
        }

        json["documentation_url"] = "https://docs.github.com/rest";
        json["status"] = Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return json;
    }
}
