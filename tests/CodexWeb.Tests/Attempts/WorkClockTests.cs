using CodexWeb.Attempts;

namespace CodexWeb.Tests.Attempts;

public sealed class WorkClockTests
{
    [Fact]
    public void Time_in_which_a_person_is_asked_counts_for_nothing()
    {
        var time = new ManualClock();
        using var clock = new WorkClock(TimeSpan.FromMinutes(10), time);
        time.Advance(TimeSpan.FromMinutes(4));
        using (clock.Pause())
        {
            time.Advance(TimeSpan.FromHours(9));
            using (clock.Pause())
            {
                time.Advance(TimeSpan.FromHours(9));
            }

            Assert.Equal(TimeSpan.FromMinutes(4), clock.Untaken);
            Assert.False(clock.Reached.IsCancellationRequested);
        }

        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.FromMinutes(9), clock.Take());
        Assert.Equal(TimeSpan.Zero, clock.Take());
        Assert.False(clock.Reached.IsCancellationRequested);

        time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(TimeSpan.FromMinutes(2), clock.Untaken);
    }
}
