using System.Text.Json;
using Bunit;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;

namespace CodexWeb.Tests.Attempts;

public sealed class EvidenceTests : BunitContext
{
    private const string ProveFailed = "t/a.t .. Failed\nFiles=5, Tests=25,  0 wallclock secs\nResult: FAIL\n";
    private const string ProvePassed = "All tests successful.\nFiles=5, Tests=25,  0 wallclock secs\nResult: PASS\n";

    private int _items;

    private static AgentEvent Turn(int number) => new AgentEvent.TurnStarted(number);

    private static AgentEvent Asked => new AgentEvent.UsageReported(default, null);

    private static AgentEvent TurnEnd => new AgentEvent.TurnCompleted(1, default);

    private static AgentEvent Saved(string commit, int files = 1) => new AgentEvent.Checkpoint(commit, files, 1, 1);

    private AgentEvent[] Ran(string command, int? exitCode, string output = "", ItemStatus status = ItemStatus.Completed, string? reason = null)
    {
        var id = $"item_{++_items}";
        return
        [
            new AgentEvent.ItemStarted(new Item.CommandExecution(id, command, "", ItemStatus.InProgress)),
            new AgentEvent.ItemCompleted(new Item.CommandExecution(id, command, "", status, output, output.Length, exitCode, 1200, null, reason)),
        ];
    }

    private AgentEvent Patched(string path) =>
        new AgentEvent.ItemCompleted(new Item.FileChange($"item_{++_items}", [new ChangedFile(path, FileChangeKind.Update, 1, 1)], ItemStatus.Completed));

    private static Evidence Of(params AgentEvent[] log) => Evidence.Of(log, [], null);

    private CheckRun Check(string command, int? exitCode, string output = "") => Assert.Single(Of(Ran(command, exitCode, output)).Checks);

    [Fact]
    public void A_fix_is_proved_by_the_run_after_the_last_edit()
    {
        var evidence = Of([Turn(1), .. Ran("prove -lr t", 1, ProveFailed), Saved("a", 0), Patched("lib/a.pm"), Saved("b"), .. Ran("prove -lr t", 0, ProvePassed), Saved("b"), TurnEnd]);

        Assert.Equal("tests passed after last edit", evidence.Line);
        Assert.Equal("The checks pass on the files as they are now.", evidence.Statement);
        Assert.Equal(
            [
                new CheckRun("item_1", "prove -lr t", CheckKind.Tests, CheckOutcome.Failed, 1, "5 files, 25 tests: FAIL", 1200, 1, Named: false, Latest: false, Stale: true, null),
                new CheckRun("item_3", "prove -lr t", CheckKind.Tests, CheckOutcome.Passed, 0, "5 files, 25 tests: PASS", 1200, 1, Named: false, Latest: true, Stale: false, null),
            ],
            evidence.Checks);
        Assert.Equal([new TouchedFile("lib/a.pm", FileChangeKind.Update)], evidence.Files);
        Assert.Equal(1, evidence.FilesChanged);
    }

    [Fact]
    public void A_check_is_stale_once_a_patch_follows_it()
    {
        var evidence = Of([Turn(1), Patched("a"), .. Ran("pytest", 0, "3 passed in 0.1s"), Patched("a"), TurnEnd]);

        Assert.True(Assert.Single(evidence.Checks).Stale);
        Assert.Equal("tests passed before last edit only", evidence.Line);
        Assert.Equal("Files changed after the last check: nothing proves their present state.", evidence.Statement);
    }

    [Fact]
    public void A_check_is_stale_once_a_command_changed_files()
    {
        var evidence = Of([Turn(1), .. Ran("cargo test", 0), Asked, .. Ran("sed -i s/a/b/ x", 0), Saved("b"), TurnEnd]);

        Assert.True(Assert.Single(evidence.Checks).Stale);
    }

    [Fact]
    public void A_patch_that_changed_nothing_does_not_cover_for_a_command_that_did()
    {
        var evidence = Of([Turn(1), Patched("a"), Asked, .. Ran("pytest", 0), Asked, .. Ran("sed -i s/a/b/ x", 0), Asked, Saved("b"), TurnEnd]);

        Assert.True(Assert.Single(evidence.Checks).Stale);
    }

    [Fact]
    public void The_same_commit_again_makes_nothing_stale()
    {
        var evidence = Of([Turn(1), Patched("a"), Saved("a"), .. Ran("go test ./...", 0), Saved("a"), .. Ran("ls", 0), Saved("a"), TurnEnd]);

        Assert.False(Assert.Single(evidence.Checks).Stale);
    }

    [Fact]
    public void A_check_run_in_the_step_of_the_patch_before_it_is_fresh()
    {
        var evidence = Of([Turn(1), Patched("a"), .. Ran("npm test", 0), Saved("a"), TurnEnd]);

        Assert.Equal("tests passed after last edit", evidence.Line);
    }

    [Fact]
    public void An_edit_while_the_check_ran_makes_it_stale()
    {
        var run = Ran("make test", 0);

        Assert.True(Assert.Single(Of(run[0], Patched("a"), run[1]).Checks).Stale);
    }

    [Fact]
    public void A_check_that_changed_files_itself_is_not_stale_and_says_so()
    {
        var check = Assert.Single(Of([Patched("a"), Asked, Saved("a"), .. Ran("ls", 0), Asked, .. Ran("ruff check --fix", 0), Asked, Saved("b"), .. Ran("ls", 0)]).Checks);

        Assert.Equal((false, "It changed files itself.", CheckKind.Analysis), (check.Stale, check.Note, check.Kind));
    }

    [Fact]
    public void An_attempt_that_changed_files_and_ran_no_check_is_told_so()
    {
        var evidence = Of([Turn(1), Patched("a"), .. Ran("ls", 0), Saved("a"), TurnEnd]);

        Assert.True(evidence.EndedWithoutCheck);
        Assert.Equal(("no check was run", "The agent changed files and ended without running any check."), (evidence.Line, evidence.Statement));
    }

    [Fact]
    public void Checks_that_are_named_count_whatever_they_are_and_are_missed_when_not_run()
    {
        AgentEvent[] log = [Turn(1), Patched("a"), .. Ran("./verify.sh  --all", 0), TurnEnd];

        var evidence = Evidence.Of(log, ["./verify.sh --all", "make lint"], "## Checks\n- `prove -lr t` runs all tests\n- `prove -lv t/a.t` runs one\n\n## Else\n- `rm x`\n");

        Assert.True(Assert.Single(evidence.Checks).Named);
        Assert.Equal(["make lint", "prove -lr t"], evidence.NotRun);
        Assert.Equal("checks passed after last edit, 2 checks not run", evidence.Line);
    }

    [Theory]
    [InlineData("prove -lr t", 0, "", CheckOutcome.Passed, null)]
    [InlineData("prove -lr t", 2, "", CheckOutcome.Failed, null)]
    [InlineData("cd lib && prove -lr t 2>&1", 1, "", CheckOutcome.Failed, null)]
    [InlineData("cd lib; FOO='a b' timeout 60 prove -l", 1, "", CheckOutcome.Failed, null)]
    [InlineData("prove -l && echo fine", 0, "", CheckOutcome.Passed, null)]
    [InlineData("prove -lr t | tail -3", 0, "", CheckOutcome.Unknown, "The exit code is that of the pipeline's last command.")]
    [InlineData("prove -lr t 2>&1 | tail -3", 0, ProveFailed, CheckOutcome.Failed, "The exit code is that of the pipeline's last command. The result is read from its output.")]
    [InlineData("prove -lr t |& tail -3", 0, ProvePassed, CheckOutcome.Passed, "The exit code is that of the pipeline's last command. The result is read from its output.")]
    [InlineData("set -o pipefail; prove -lr t | tail -3", 1, "", CheckOutcome.Failed, null)]
    [InlineData("prove || true", 0, "", CheckOutcome.Unknown, "The exit code is that of a later command.")]
    [InlineData("prove; echo done", 0, "", CheckOutcome.Unknown, "The exit code is that of a later command.")]
    [InlineData("prove\necho done", 0, "", CheckOutcome.Unknown, "The exit code is that of a later command.")]
    [InlineData("set -e\nprove\necho done", 1, "", CheckOutcome.Failed, null)]
    [InlineData("prove &", 0, "", CheckOutcome.Unknown, "The exit code is that of a later command.")]
    [InlineData("! prove", 0, "", CheckOutcome.Unknown, "The exit code is negated.")]
    [InlineData("bash -lc 'cd x && prove -l'", 1, "", CheckOutcome.Failed, null)]
    [InlineData("(cd x && prove -l) || true", 0, "", CheckOutcome.Unknown, "The exit code is that of a later command.")]
    [InlineData("prove -lr t", null, "", CheckOutcome.Unknown, "It has no exit code.")]
    public void Whose_exit_code_it_is_decides_what_it_proves(string command, int? exitCode, string output, CheckOutcome outcome, string? note)
    {
        var check = Check(command, exitCode, output);

        Assert.Equal((outcome, note), (check.Outcome, check.Note));
    }

    [Theory]
    [InlineData(ItemStatus.Unknown, null, CheckOutcome.Unknown)]
    [InlineData(ItemStatus.Cancelled, "Stopped by a person.", CheckOutcome.Unknown)]
    [InlineData(ItemStatus.Failed, "It ran into its time limit.", CheckOutcome.Failed)]
    [InlineData(ItemStatus.InProgress, null, CheckOutcome.Unknown)]
    public void A_check_without_an_end_of_its_own_is_not_called_passed(ItemStatus status, string? reason, CheckOutcome outcome) =>
        Assert.Equal(outcome, Assert.Single(Of(Ran("pytest", null, "", status, reason)).Checks).Outcome);

    [Theory]
    [InlineData("python3 -m pytest -q", CheckKind.Tests)]
    [InlineData("python -m unittest discover", CheckKind.Tests)]
    [InlineData("poetry run pytest", CheckKind.Tests)]
    [InlineData("bundle exec rspec", CheckKind.Tests)]
    [InlineData("npx jest src", CheckKind.Tests)]
    [InlineData("npm run test:unit", CheckKind.Tests)]
    [InlineData("npm run lint", CheckKind.Analysis)]
    [InlineData("./gradlew :app:test check", CheckKind.Tests)]
    [InlineData("vendor/bin/phpunit", CheckKind.Tests)]
    [InlineData("dotnet test --no-build", CheckKind.Tests)]
    [InlineData("cargo clippy", CheckKind.Analysis)]
    [InlineData("make -j2 check", CheckKind.Tests)]
    [InlineData("mvn -q verify", CheckKind.Tests)]
    [InlineData("ctest --output-on-failure", CheckKind.Tests)]
    [InlineData("env A=1 tox", CheckKind.Tests)]
    [InlineData("eslint .", CheckKind.Analysis)]
    public void Well_known_checks_are_recognised(string command, CheckKind kind) => Assert.Equal(kind, Check(command, 0).Kind);

    [Theory]
    [InlineData("ls t")]
    [InlineData("echo prove")]
    [InlineData("grep -rn 'prove -l' .")]
    [InlineData("make")]
    [InlineData("cargo build")]
    [InlineData("npm install jest")]
    [InlineData("pytest --version")]
    [InlineData("cat > README <<'EOF'\nprove -lr t\nEOF")]
    [InlineData("# prove -lr t")]
    [InlineData("echo \"a; prove\"")]
    [InlineData("")]
    public void Other_commands_are_no_checks(string command) => Assert.Empty(Of(Ran(command, 0)).Checks);

    [Theory]
    [InlineData("===== 1 failed, 14 passed in 0.12s =====", "1 failed, 14 passed in 0.12s")]
    [InlineData("14 passed in 0.12s", "14 passed in 0.12s")]
    [InlineData("Passed!  - Failed:     0, Passed:     9, Skipped:     0, Total: 9\nFailed!  - Failed:     2, Passed:     1, Skipped:     0, Total: 3", "10 passed, 2 failed")]
    [InlineData("test result: ok. 3 passed; 0 failed; 0 ignored\ntest result: ok. 4 passed; 0 failed; 0 ignored", "7 passed, 0 failed")]
    [InlineData("\e[32mTests:       1 failed, 14 passed, 15 total\e[0m", "Tests:       1 failed, 14 passed, 15 total")]
    [InlineData("5 examples, 0 failures", "5 examples, 0 failures")]
    [InlineData("100% tests passed, 0 tests failed out of 3", "100% tests passed, 0 tests failed out of 3")]
    [InlineData("Tests run: 5, Failures: 1, Errors: 1, Skipped: 0", "3 passed, 2 failed")]
    [InlineData("OK (4 tests, 9 assertions)", "4 passed, 0 failed")]
    [InlineData("Ran 5 tests in 0.001s\n\nFAILED (failures=1)", "5 tests: FAILED (failures=1)")]
    [InlineData("ok  \texample/a\t0.1s\nFAIL\texample/b\t0.1s", "1 package ok, 1 failed")]
    [InlineData("nothing of the kind", null)]
    public void The_last_word_of_a_check_is_found(string output, string? summary) => Assert.Equal(summary, Check("make test", 0, output).Summary);

    [Fact]
    public void As_json_it_has_this_shape()
    {
        var json = JsonSerializer.SerializeToElement(Of([Turn(1), Patched("a"), .. Ran("prove", 0), TurnEnd]), ProtocolJson.Options);

        Assert.Equal("passed", json.GetProperty("checks")[0].GetProperty("outcome").GetString());
        Assert.Equal("off", json.GetProperty("network").GetProperty("mode").GetString());
        Assert.Equal(["line", "statement", "checks", "notRun", "files", "filesChanged", "network", "endedWithoutCheck"], json.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void The_panel_shows_the_last_runs_and_opens_them()
    {
        var opened = "";
        var evidence = Of([Turn(1), .. Ran("prove -lr t", 1, ProveFailed), Patched("lib/a\u202E.pm"), Saved("a"), .. Ran("prove -lr t", 0, ProvePassed), TurnEnd]);
        var panel = Render<EvidencePanel>(parameters => parameters
            .Add(p => p.AttemptId, default(AttemptId)).Add(p => p.Evidence, evidence).Add(p => p.OnOpenItem, (string item) => opened = item));

        Assert.Equal("5 files, 25 tests: PASS · after the last edit · 1.2 s · 1 earlier run", panel.Find(".checks .facts").TextContent);
        Assert.Contains("lib/a‹U+202E›.pm", panel.Find(".files").TextContent, StringComparison.Ordinal);
        panel.Find(".checks button").Click();
        Assert.Equal("item_3", opened);
    }

    [Fact]
    public void Hosts_are_told_as_contacted_or_blocked_each_once()
    {
        var network = Of(
            new AgentEvent.HostContacted("docs.example.org", 443, Allowed: true, "mcp:docs"),
            new AgentEvent.HostContacted("docs.example.org", 443, Allowed: true, "mcp:docs"),
            new AgentEvent.HostContacted("169.254.169.254", 80, Allowed: false, "mcp:docs")).Network;

        Assert.Equal(("tools", "docs.example.org", "169.254.169.254"), (network.Mode, Assert.Single(network.Contacted), Assert.Single(network.Blocked)));
    }

    [Fact]
    public void A_tool_of_an_mcp_server_that_changed_files_makes_the_check_beside_it_stale()
    {
        var call = new Item.McpToolCall("item_90", "files", "write", "{}", ItemStatus.InProgress);
        var evidence = Of([Turn(1), .. Ran("prove -l t", 0, ProvePassed), new AgentEvent.ItemStarted(call), new AgentEvent.ItemCompleted(call with { Status = ItemStatus.Completed }), Asked, Saved("c1")]);

        Assert.True(Assert.Single(evidence.Checks).Stale);
        Assert.Equal("tests passed before last edit only", evidence.Line);
    }

    [Theory]
    [InlineData("## Testing\nRun `npm test` and then `npm run lint` before you push.\n", "npm test|npm run lint")]
    [InlineData("## Checks\n1. `dotnet test` runs them\n2. `dotnet format --verify-no-changes`\n", "dotnet test|dotnet format --verify-no-changes")]
    [InlineData("## Tests\n- `tests/` holds them\n- `tests/shop.py` is the main one\n- [ ] `./verify.sh`\n", "./verify.sh")]
    [InlineData("## Before committing\n~~~zsh\n$ make check\n# a remark\n~~~\n", "make check")]
    [InlineData("## Tests\n```python\nassert shop\n```\n```console\n$ pytest -q\n3 passed\n```\n", "pytest -q")]
    [InlineData("## Style\nRun `npm test`.\n", "")]
    public void Checks_of_AGENTS_md_are_found_however_it_writes_them(string instructions, string expected) =>
        Assert.Equal(expected, string.Join('|', Evidence.Of([], [], instructions).NotRun));
}
