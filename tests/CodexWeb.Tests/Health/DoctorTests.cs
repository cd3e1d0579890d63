using CodexWeb.Health;
using Microsoft.Extensions.Logging.Abstractions;

namespace CodexWeb.Tests.Health;

public sealed class DoctorTests
{
    private static readonly HealthCheck Fine = HealthCheck.Pass("Disk", "There is room.");
    private static readonly HealthCheck Broken = HealthCheck.Fail("Sandbox", "bwrap is not installed.", "Install it.");
    private static readonly HealthCheck Slow = HealthCheck.Warn("Model", "It does not answer.", "Wait.");

    [Fact]
    public async Task Before_the_first_look_no_task_can_run_and_nothing_is_said_to_be_wrong()
    {
        using var doctor = With(_ => [Fine]);

        Assert.Same(HealthReport.NotYet, doctor.Last);
        var first = doctor.FirstOrLastAsync(CancellationToken.None);
        Assert.False(first.IsCompleted);

        var found = await doctor.CheckAsync(CancellationToken.None);

        Assert.Same(found, await first);
        Assert.Same(found, doctor.Last);
        Assert.True(found.CanRunTasks);
        Assert.Null(found.Problem);
    }

    [Fact]
    public async Task A_required_check_that_fails_stops_tasks_and_says_what_to_do()
    {
        using var doctor = With(_ => [Fine, Slow, Broken]);

        var found = await doctor.CheckAsync(CancellationToken.None);

        Assert.False(found.CanRunTasks);
        Assert.Equal("Tasks cannot run. Sandbox: bwrap is not installed. Install it.", found.Problem);
        Assert.Equal([Fine, Slow, Broken], found.Checks);
    }

    [Fact]
    public async Task What_is_not_required_stops_no_task()
    {
        using var doctor = With(_ => [Fine, Slow]);

        Assert.True((await doctor.CheckAsync(CancellationToken.None)).CanRunTasks);
    }

    [Fact]
    public async Task A_probe_that_breaks_is_a_finding_beside_the_others()
    {
        using var doctor = new Doctor([new Probe(_ => throw new InvalidOperationException("No such thing.")), new Probe(_ => [Fine])], TimeProvider.System, NullLogger<Doctor>.Instance);

        var found = await doctor.CheckAsync(CancellationToken.None);

        Assert.Equal([HealthCheck.Fail("Test", "The check itself failed: No such thing.", "Look at the server's log."), Fine], found.Checks);
    }

    [Theory]
    [InlineData("git version 2.39.5", true)]
    [InlineData("git version 2.50.1 (Apple Git-155)", true)]
    [InlineData("git version 3.0", true)]
    [InlineData("git version 2.38.9", false)]
    [InlineData("git version 2.4.11", false)]
    [InlineData("git: not found", false)]
    public void A_git_older_than_the_known_fixes_is_refused(string answer, bool taken)
    {
        var check = GitProbe.Judge(answer);

        Assert.Equal(taken, check.Passed);
        Assert.Equal(taken, check.Fix is null);
    }

    [Theory]
    [InlineData(50L << 30, true, true)]
    [InlineData(500L << 20, false, false)]
    [InlineData(50L << 20, false, true)]
    public void Little_room_is_said_and_too_little_stops_tasks(long free, bool passed, bool required)
    {
        var check = DataFolderProbe.Space(free);

        Assert.Equal((passed, required), (check.Passed, check.Required));
    }

    private static Doctor With(Func<CancellationToken, IReadOnlyList<HealthCheck>> look) => new([new Probe(look)], TimeProvider.System, NullLogger<Doctor>.Instance);

    private sealed class Probe(Func<CancellationToken, IReadOnlyList<HealthCheck>> look) : IHealthProbe
    {
        public string Name => "Test";

        public Task<IReadOnlyList<HealthCheck>> LookAsync(CancellationToken cancellationToken)
        {
            try
            {
                return Task.FromResult(look(cancellationToken));
            }
            catch (InvalidOperationException exception)
            {
                return Task.FromException<IReadOnlyList<HealthCheck>>(exception);
            }
        }
    }
}
