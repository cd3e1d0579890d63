namespace CodexWeb.Agent.Sandboxes.Egress;

/// <summary>Lets requests to one origin pass and no others, and cuts answers that are too long.</summary>
internal sealed class OriginGuard(Uri origin, long maxAnswer, Func<EgressAttempt, CancellationToken, ValueTask> report, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var wanted = request.RequestUri ?? origin;
        if (Uri.Compare(wanted, origin, UriComponents.SchemeAndServer | UriComponents.Port, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) != 0)
        {
            await report(new EgressAttempt(wanted.IdnHost.ToLowerInvariant(), wanted.Port, Allowed: false), cancellationToken);
            throw new EgressRefusedException($"A connection to {wanted.Host} was asked for, but only {origin.Host} is allowed here.");
        }

        var response = await base.SendAsync(request, cancellationToken);
        var whole = response.Content;
        response.Content = new StreamContent(new CappedStream(await whole.ReadAsStreamAsync(cancellationToken), maxAnswer));
        foreach (var (name, values) in whole.Headers.NonValidated)
        {
            response.Content.Headers.TryAddWithoutValidation(name, values);
        }

        return response;
    }
}
