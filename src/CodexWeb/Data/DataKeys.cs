using CodexWeb.Agent.Workspaces;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace CodexWeb.Data;

/// <summary>The keys with which secrets are encrypted before they are stored. They lie in the data folder, apart from the database: a copy of the database alone tells no secret.</summary>
internal static class DataKeys
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static IServiceCollection AddDataKeys(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("CodexWeb");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(static provider => new ConfigureOptions<KeyManagementOptions>(options =>
        {
            var folder = Path.Combine(provider.GetRequiredService<WorkspacePaths>().DataDirectory, "keys");
            options.XmlRepository = new FileSystemXmlRepository(Directory.CreateDirectory(folder, OwnerOnly), provider.GetRequiredService<ILoggerFactory>());
        }));
        return services;
    }
}
