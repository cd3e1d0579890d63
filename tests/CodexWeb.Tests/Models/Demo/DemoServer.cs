using CodexWeb.Models.Demo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CodexWeb.Tests.Models.Demo;

/// <summary>The demo model's endpoint on a free port of this machine.</summary>
public sealed class DemoServer : IAsyncLifetime
{
    private readonly WebApplication _app;

    public DemoServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Demo:Pace"] = "0", ["urls"] = "http://127.0.0.1:0" });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddDemoModel(builder.Configuration);
        _app = builder.Build();
        _app.MapDemoModel();
    }

    /// <summary>The server's address with the endpoint's path, as a provider's base URL.</summary>
    public Uri BaseUrl { get; private set; } = new("http://127.0.0.1");

    public HttpClient Http { get; } = new();

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        BaseUrl = new Uri(address + DemoModel.Path + "/");
        Http.BaseAddress = BaseUrl;
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
