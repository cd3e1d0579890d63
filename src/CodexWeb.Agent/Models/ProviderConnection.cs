using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI;
using OpenAI.Responses;

namespace CodexWeb.Agent.Models;

/// <summary>The way to a provider: the SDK's clients, with what is the same for all of them.</summary>
internal static class ProviderConnection
{
    private static readonly HttpClientPipelineTransport Outside = TransportOf(useProxy: true);

    // HTTP_PROXY is meant for the outside; a server of this machine, the demo model's among them, is reached directly.
    private static readonly HttpClientPipelineTransport Direct = TransportOf(useProxy: false);

    /// <summary>A client of the Responses API.</summary>
    public static ResponsesClient Responses(ProviderEndpoint endpoint) => new(AuthenticationOf(endpoint), Prepare(endpoint, new ResponsesClientOptions
    {
        Endpoint = AddressOf(endpoint),
        OrganizationId = endpoint.Organization,
        ProjectId = endpoint.Project,
        UserAgentApplicationId = "CodexWeb",
    }));

    /// <summary>A client of the APIs whose requests name the model in the client: Chat Completions and the list of models.</summary>
    public static OpenAIClient Client(ProviderEndpoint endpoint) => new(AuthenticationOf(endpoint), Prepare(endpoint, new OpenAIClientOptions
    {
        Endpoint = AddressOf(endpoint),
        OrganizationId = endpoint.Organization,
        ProjectId = endpoint.Project,
        UserAgentApplicationId = "CodexWeb",
    }));

    private static Uri AddressOf(ProviderEndpoint endpoint) => new(endpoint.BaseUrl.AbsoluteUri.TrimEnd('/'));

    private static T Prepare<T>(ProviderEndpoint endpoint, T options)
        where T : ClientPipelineOptions
    {
        // Silence is watched by the clients, by the clock that tests can turn.
        options.NetworkTimeout = Timeout.InfiniteTimeSpan;
        // The agent retries, in the open: each retry stands in the log.
        options.RetryPolicy = new ClientRetryPolicy(maxRetries: 0);
        options.Transport = endpoint.BaseUrl.IsLoopback ? Direct : Outside;
        return options;
    }

    private static AuthenticationPolicy AuthenticationOf(ProviderEndpoint endpoint) =>
        endpoint.ApiKey.Length > 0 ? ApiKeyAuthenticationPolicy.CreateBearerAuthorizationPolicy(new ApiKeyCredential(endpoint.ApiKey)) : new NoKey();

    // A redirect could lead anywhere, with the whole conversation: it is shown as the error it is.
    private static HttpClientPipelineTransport TransportOf(bool useProxy) =>
        new(new HttpClient(new SocketsHttpHandler { UseProxy = useProxy, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) }) { Timeout = Timeout.InfiniteTimeSpan });

    /// <summary>For servers that want no key: a made-up one would be refused by some.</summary>
    private sealed class NoKey : AuthenticationPolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) => ProcessNext(message, pipeline, currentIndex);

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) => ProcessNextAsync(message, pipeline, currentIndex);
    }
}
