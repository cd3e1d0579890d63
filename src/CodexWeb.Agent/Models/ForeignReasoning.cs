using System.Collections.Concurrent;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Agent.Models;

/// <summary>
/// Sealed reasoning that a provider refused to open: of a conversation that another model, or the same one under another account, had before. It is left out from then on;
/// what the model thinks later goes back as ever.
/// </summary>
internal sealed class ForeignReasoning
{
    // Forgetting one costs a refused request, no more.
    private const int MostConversations = 1000;

    private readonly ConcurrentDictionary<string, HashSet<string>> _refused = new(StringComparer.Ordinal);

    /// <summary>Notes that a request's reasoning was refused.</summary>
    /// <returns>False when it had none that could be left out.</returns>
    public bool Learn(ModelRequest request)
    {
        var sealedItems = Without(request).OfType<ConversationEntry.Reasoning>().Select(static reasoning => reasoning.ProviderItem).ToList();
        if (sealedItems.Count == 0)
        {
            return false;
        }

        if (_refused.Count >= MostConversations)
        {
            _refused.Clear();
        }

        _refused.AddOrUpdate(
            request.CacheKey,
            static (_, found) => new HashSet<string>(found, StringComparer.Ordinal),
            static (_, known, found) => new HashSet<string>(known.Concat(found), StringComparer.Ordinal),
            sealedItems);
        return true;
    }

    /// <summary>A request's conversation without what was refused.</summary>
    public IEnumerable<ConversationEntry> Without(ModelRequest request) => _refused.TryGetValue(request.CacheKey, out var refused)
        ? request.Input.Where(entry => entry is not ConversationEntry.Reasoning reasoning || !refused.Contains(reasoning.ProviderItem))
        : request.Input;
}
