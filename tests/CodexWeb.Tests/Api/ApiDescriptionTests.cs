using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Api;

public sealed partial class ApiDescriptionTests(ApiHost host) : IClassFixture<ApiHost>
{
    [Fact]
    public async Task The_description_has_every_address_of_the_interface_and_no_other()
    {
        var document = await DocumentAsync();
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));

        var mapped = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => IsOffered($"/{endpoint.RoutePattern.RawText!.TrimStart('/')}"))
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
                .Select(method => $"{method} /{Constraint().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), "}")}"));

        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("get", "/healthz")]
    [InlineData("get", "/readyz")]
    [InlineData("get", "/api/v1/repositories")]
    [InlineData("post", "/api/v1/repositories")]
    [InlineData("get", "/api/v1/repositories/{id}/branches")]
    [InlineData("get", "/api/v1/environments")]
    [InlineData("post", "/api/v1/environments")]
    [InlineData("put", "/api/v1/environments/{id}")]
    [InlineData("get", "/api/v1/models")]
    [InlineData("get", "/api/v1/model-providers")]
    [InlineData("post", "/api/v1/model-providers/{name}/test")]
    [InlineData("post", "/api/v1/tasks")]
    [InlineData("get", "/api/v1/tasks")]
    [InlineData("get", "/api/v1/tasks/{id}")]
    [InlineData("post", "/api/v1/tasks/{id}/turns")]
    [InlineData("patch", "/api/v1/tasks/{id}")]
    [InlineData("get", "/api/v1/forecast")]
    [InlineData("delete", "/api/v1/tasks/{id}")]
    [InlineData("get", "/api/v1/attempts/{id}/events")]
    [InlineData("get", "/api/v1/attempts/{id}/diff")]
    [InlineData("get", "/api/v1/attempts/{id}/answer")]
    [InlineData("get", "/api/v1/attempts/{id}/evidence")]
    [InlineData("get", "/api/v1/attempts/{id}/items/{itemId}/output")]
    [InlineData("post", "/api/v1/attempts/{id}/steer")]
    [InlineData("post", "/api/v1/attempts/{id}/stop")]
    [InlineData("post", "/api/v1/attempts/{id}/retry")]
    [InlineData("post", "/api/v1/tasks/{id}/push")]
    [InlineData("post", "/github/webhooks")]
    [InlineData("get", "/api/v1/github/webhooks")]
    public async Task The_contract_is_kept(string method, string path) =>
        Assert.True((await DocumentAsync()).GetProperty("paths").GetProperty(path).TryGetProperty(method, out _));

    [Fact]
    public async Task Every_operation_says_what_it_is_for_and_has_a_name_of_its_own()
    {
        var operations = (await DocumentAsync()).GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => operation.Value)).ToList();

        Assert.All(operations, operation => Assert.NotEmpty(operation.GetProperty("summary").GetString()!));
        Assert.Equal(operations.Count, operations.Select(operation => operation.GetProperty("operationId").GetString()).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Ids_are_strings_and_states_are_words()
    {
        var schemas = (await DocumentAsync()).GetProperty("components").GetProperty("schemas");
        var task = schemas.GetProperty("TaskAnswer").GetProperty("properties");

        Assert.Contains("\"format\":\"uuid\"", Resolve(schemas, task.GetProperty("id")), StringComparison.Ordinal);
        Assert.Contains("\"type\":\"string\"", Resolve(schemas, task.GetProperty("id")), StringComparison.Ordinal);
        Assert.Contains("date-time", task.GetProperty("createdAt").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("ready_for_review", Resolve(schemas, task.GetProperty("state")), StringComparison.Ordinal);
    }

    private async Task<JsonElement> DocumentAsync()
    {
        using var client = host.CreateClient();
        return JsonElement.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
    }

    private static bool IsOffered(string path) => path.StartsWith("/api/", StringComparison.Ordinal) || path is "/healthz" or "/readyz" or "/github/webhooks";

    private static string Resolve(JsonElement schemas, JsonElement schema)
    {
        var meant = schema.TryGetProperty("$ref", out var reference) ? schemas.GetProperty(reference.GetString()!.Split('/')[^1]) : schema;
        return Blanks().Replace(meant.GetRawText(), "");
    }

    [GeneratedRegex(":[^}]*}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Constraint();

    [GeneratedRegex("\\s", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Blanks();
}
