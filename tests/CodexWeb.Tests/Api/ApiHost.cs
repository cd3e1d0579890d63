using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace CodexWeb.Tests.Api;

/// <summary>The whole application in this process, with a data folder of its own.</summary>
public sealed class ApiHost : WebApplicationFactory<Program>
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"codexweb-api-{Guid.NewGuid():N}");

    public ApiHost() => Directory.CreateDirectory(_folder, (UnixFileMode)0b111_101_101);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Data:Directory", Path.Combine(_folder, "data"));
        builder.UseSetting("Demo:Pace", "0");
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
