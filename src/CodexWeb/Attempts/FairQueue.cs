using CodexWeb.Data;

namespace CodexWeb.Attempts;

/// <summary>An attempt that waits.</summary>
public readonly record struct Waiting(AttemptId Id, TaskId Task, string Author, DateTimeOffset Since);

/// <summary>The order in which waiting attempts start: in turns between people, and for one person first come, first served.</summary>
public static class FairQueue
{
    /// <summary>The waiting attempts in the order they will start.</summary>
    /// <param name="working">How many of each person's attempts are at work.</param>
    public static IReadOnlyList<Waiting> Order(IEnumerable<Waiting> waiting, IReadOnlyDictionary<string, int> working)
    {
        ArgumentNullException.ThrowIfNull(working);
        var order = new List<Waiting>();
        var people = new PriorityQueue<Queue<Waiting>, (int Turns, DateTimeOffset Since)>();
        foreach (var person in waiting.GroupBy(w => w.Author, StringComparer.Ordinal))
        {
            var queue = new Queue<Waiting>(person.OrderBy(w => w.Since).ThenBy(w => w.Id.Value));
            people.Enqueue(queue, (working.GetValueOrDefault(person.Key), queue.Peek().Since));
        }

        while (people.TryDequeue(out var queue, out var rank))
        {
            order.Add(queue.Dequeue());
            if (queue.TryPeek(out var next))
            {
                people.Enqueue(queue, (rank.Turns + 1, next.Since));
            }
        }

        return order;
    }
}
