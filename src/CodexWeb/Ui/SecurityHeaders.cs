namespace CodexWeb.Ui;

/// <summary>What browsers are told about every answer. The pages bring no script and no frame from elsewhere, and load nothing from outside, whatever a message of an agent says.</summary>
public static class SecurityHeaders
{
    // Inline styles stay allowed: positions of virtual lists and widths of panels are set on elements. Scripts are files of our own without exception.
    private const string Policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

    /// <summary>Lets the forms of one answer be sent to another site, too.</summary>
    public static void AllowFormsTo(HttpResponse response, Uri site)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(site);
        response.Headers.ContentSecurityPolicy = Policy.Replace("form-action 'self'", $"form-action 'self' {site.GetLeftPart(UriPartial.Authority)}", StringComparison.Ordinal);
    }

    /// <summary>Adds the headers to every answer that does not bring stricter ones of its own.</summary>
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        http.Response.OnStarting(static state =>
        {
            var headers = ((HttpContext)state).Response.Headers;
            headers.TryAdd("Content-Security-Policy", Policy);
            headers.TryAdd("X-Content-Type-Options", "nosniff");
            headers.TryAdd("Referrer-Policy", "no-referrer");
            headers.TryAdd("Cross-Origin-Opener-Policy", "same-origin");
            return Task.CompletedTask;
        }, http);
        return next(http);
    });
}
