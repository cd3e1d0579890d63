using CodexWeb.Tasks;
using CodexWeb.Ui;

namespace CodexWeb.Pages;

/// <summary>The pages of the browser.</summary>
public static class PageServices
{
    /// <summary>Registers what the pages need.</summary>
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddSingleton<TaskFeed>();
        return services.AddScoped<Toaster>();
    }

    /// <summary>Maps the pages and their files.</summary>
    public static void MapPages(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        // A person who mistyped an address gets a page; a program gets its bare answer.
        app.UseWhen(
            static http => http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal),
            static pages => pages.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true));
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }
}
