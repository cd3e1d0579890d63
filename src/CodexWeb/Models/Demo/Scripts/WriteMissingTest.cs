namespace CodexWeb.Models.Demo.Scripts;

/// <summary>The sample repository: writes a test for the command line, the one part that has none, and runs it.</summary>
internal static class WriteMissingTest
{
    private const string Path = "t/script.t";
    private const string AllTests = "prove -lr t";
    private const string NewTest = $"prove -lv {Path}";
    private static readonly string[] Todo = ["See what has a test and what has none", "Write the test", "Run it, and all others"];

    private const string Text = """
        use v5.28;
        use warnings;

        use File::Temp;
        use Test::More;

        sub printed_for {
            my ($list) = @_;
            my $file = File::Temp->new;
            print {$file} $list;
            close $file;
            my $output = qx{$^X script/basket $file 2>&1};
            return ($output, $? >> 8);
        }

        subtest 'the list of README.md' => sub {
            my $output = qx{$^X script/basket examples/school.txt 2>&1};
            is $? >> 8, 0, 'it succeeds';
            like $output, qr/^Notebook A5 +12 x +2\.50/m, 'the first article';
            like $output, qr/^Total +65\.91$/m, 'the total';
        };

        subtest 'comments, empty lines and a missing quantity' => sub {
            my ($output, $status) = printed_for("# Monday\n\nruler   # one is enough\n");
            is $status, 0, 'they are no mistakes';
            like $output, qr/^Ruler 30 cm +1 x +1\.95/m, 'one piece';
            unlike $output, qr/Monday/, 'no comment is printed';
        };

        subtest 'an unknown article' => sub {
            my ($output, $status) = printed_for("piano 1\n");
            isnt $status, 0, 'it fails';
            like $output, qr/there is no article 'piano'/, 'and says why';
        };

        done_testing;
        """;

    /// <summary>The steps.</summary>
    public static IEnumerable<Step> Play(DemoTurn turn)
    {
        var list = new Command("ls lib/Basket script t");
        var script = NumberedFile.Print("script/basket");
        yield return new Step("It is the Basket library. I look what has a test and what has none.", [.. PlanOf(turn, 0), list, script])
        {
            Thought = "**Looking for the gap**\n\nEvery module is said to have its test; I compare the folders, and read the command line.",
        };
        if (list.Lines.Contains("script.t", StringComparer.Ordinal) || script.ExitCode != 0)
        {
            yield return new Step($"{(script.ExitCode != 0 ? "`script/basket` is not there" : $"`{Path}` is there already")}{Quote.Cite(list)}, so I have nothing to write. I am a script, not an AI, and changed nothing.");
            yield break;
        }

        var patch = new Patch($"*** Begin Patch\n*** Add File: {Path}\n{string.Concat(Text.Split('\n').Select(line => $"+{line.TrimEnd('\r')}\n"))}*** End Patch\n");
        yield return new Step("Every module has a test; `script/basket` has none. I write one: the list of README.md, comments and missing quantities, an unknown article.", [.. PlanOf(turn, 1), patch]);
        if (!patch.Applied)
        {
            yield return new Step($"My patch was refused, and I changed nothing: {Quote.Line(patch.Output ?? "")}");
            yield break;
        }

        var (one, all) = (new Command(NewTest), new Command(AllTests));
        yield return new Step("I run it, then all tests.", [.. PlanOf(turn, 2), one, all]);
        yield return new Step(Report(one, all));
    }

    private static string Report(Command one, Command all)
    {
        var (own, others) = (ProveOutput.Of(one), ProveOutput.Of(all));
        var rest = others.FailedFiles.Where(file => file is not Path).ToList();
        return $"""
            `script/basket` has a test now: {Quote.Cite(Path, 7, Text.Split('\n').Length)}. It covers the list of README.md, comments, empty lines and a missing quantity {Quote.Cite("script/basket", 17, 21)}, and an unknown article.

            **Checks**
            - {(own.Passed ? "✅" : "❌")} `{NewTest}`: {own.Words()}{Quote.Cite(one)}
            - {(others.Passed ? "✅" : "❌")} `{AllTests}`: {others.Words()}{Quote.Cite(all)}
            {(own.Passed && rest.Count > 0 ? $"\n{string.Join(", ", rest)} failed before too: it has nothing to do with this change, and I left it alone. “Fix the failing test” is a task of its own.\n" : "")}
            I am a script, not an AI: I know this one repository and ran everything you see for real.
            """;
    }

    private static IEnumerable<ToolUse> PlanOf(DemoTurn turn, int done) => turn.Tools.Contains("update_plan") ? [new Plan(done, Todo)] : [];
}
