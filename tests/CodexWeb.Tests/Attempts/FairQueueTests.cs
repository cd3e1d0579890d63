using CodexWeb.Attempts;
using CodexWeb.Data;

namespace CodexWeb.Tests.Attempts;

public sealed class FairQueueTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<string, int> NobodyWorks = [];

    [Fact]
    public void One_person_is_served_in_the_order_of_asking()
    {
        var (first, second) = (Ask("ada", 1), Ask("ada", 2));

        Assert.Equal([first, second], FairQueue.Order([second, first], NobodyWorks));
    }

    [Fact]
    public void Two_people_take_turns_however_much_one_of_them_asked_for()
    {
        Waiting[] ada = [Ask("ada", 1), Ask("ada", 2), Ask("ada", 3)];
        var bob = Ask("bob", 9);

        Assert.Equal([ada[0], bob, ada[1], ada[2]], FairQueue.Order([.. ada, bob], NobodyWorks));
    }

    [Fact]
    public void Who_has_work_under_way_waits_for_those_who_have_none()
    {
        var (ada, bob) = (Ask("ada", 1), Ask("bob", 2));

        Assert.Equal([bob, ada], FairQueue.Order([ada, bob], new Dictionary<string, int> { ["ada"] = 1 }));
    }

    private static Waiting Ask(string author, int minute) => new(AttemptId.From(Guid.NewGuid()), TaskId.From(Guid.NewGuid()), author, Start.AddMinutes(minute));
}
