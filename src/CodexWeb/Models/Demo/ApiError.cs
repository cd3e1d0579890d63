using System.Text.Json.Nodes;

namespace CodexWeb.Models.Demo;

/// <summary>A refusal in the form of the Responses API.</summary>
/// <param name="Type">For example <c>invalid_request_error</c>.</param>
/// <param name="Parameter">The field at fault, or null.</param>
/// <param name="Code">Short and stable, or null.</param>
internal sealed record ApiError(int Status, string Message, string Type = "invalid_request_error", string? Parameter = null, string? Code = null) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        var error = new JsonObject { ["message"] = Message, ["type"] = Type, ["param"] = Parameter, ["code"] = Code };
        return httpContext.Response.WriteAsJsonAsync(new JsonObject { ["error"] = error }, httpContext.RequestAborted);
    }
}

/// <summary>A request cannot be answered.</summary>
internal sealed class ApiErrorException(ApiError error) : Exception(error.Message)
{
    public ApiErrorException(string message, string? parameter = null, string? code = null)
        : this(new ApiError(StatusCodes.Status400BadRequest, message, Parameter: parameter, Code: code))
    {
    }

    /// <summary>What to answer.</summary>
    public ApiError Error { get; } = error;
}
