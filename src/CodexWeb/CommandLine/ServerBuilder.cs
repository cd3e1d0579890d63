namespace CodexWeb.CommandLine;

/// <summary>Reads and checks what has to be right before anything is built.</summary>
public static class ServerBuilder
{
    /// <summary>Stops on wrong settings, and gives the server its address when the settings name none.</summary>
    /// <exception cref="SettingsException">A setting is unknown or cannot be taken.</exception>
    public static WebApplicationBuilder CheckSettings(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var errors = SettingsCheck.FindErrors(builder.Configuration);
        errors = errors.Count > 0 ? errors : ListenAddresses.FindErrors(builder.Configuration);
        if (errors.Count > 0)
        {
            throw new SettingsException(errors);
        }

        builder.Services.AddOptions<ServerOptions>().BindConfiguration(ServerOptions.Section);
        if (ListenAddresses.Configured(builder.Configuration).Count == 0)
        {
            builder.WebHost.UseUrls(ListenAddresses.Default);
        }

        return builder;
    }
}
