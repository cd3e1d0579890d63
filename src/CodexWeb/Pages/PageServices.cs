using CodexWeb.Tasks;
using CodexWeb.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

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
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        // A person who mistyped an address gets a page. The HTTP interface answers for itself, and so do files.
        app.MapGet("/{*path:nonfile:regex(^(?!api/).+$)}", static () => new RazorComponentResult<App> { StatusCode = StatusCodes.Status404NotFound })
            .WithOrder(int.MaxValue)
            .ExcludeFromDescription();
    }
}
