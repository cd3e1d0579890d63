using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.GitHosts.Webhooks;

/// <summary>Stores deliveries: each once, in the order they came.</summary>
public sealed class WebhookInbox(IDbContextFactory<CodexDb> databases, WriteGate gate, WebhookSignal signal, TimeProvider time)
{
    private long? _last;

    /// <summary>Stores a delivery. When it returns, no crash can lose it.</summary>
    /// <param name="outcome">For one that needs no handling: what is said of it. Null to queue it.</param>
    /// <returns>False when it was received before.</returns>
    public async Task<bool> StoreAsync(WebhookEvent webhook, string body, string? outcome, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using (await gate.EnterAsync(cancellationToken))
        {
            if (await db.WebhookDeliveries.AnyAsync(d => d.Id == webhook.DeliveryId, cancellationToken))
            {
                return false;
            }

            _last ??= await db.WebhookDeliveries.MaxAsync(d => (long?)d.Number, cancellationToken) ?? 0;
            var delivery = WebhookDelivery.Receive(_last.Value + 1, webhook, body, time.GetUtcNow());
            if (outcome is not null)
            {
                delivery.End(WebhookStatus.Done, outcome);
            }

            db.Add(delivery);
            await db.SaveChangesAsync(cancellationToken);
            _last = delivery.Number;
        }

        signal.Wake();
        return true;
    }
}
