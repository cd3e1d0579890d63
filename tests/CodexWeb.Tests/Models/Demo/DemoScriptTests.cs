using System.Globalization;
using System.Text.RegularExpressions;
using CodexWeb.Agent.Protocol;
using CodexWeb.Models.Demo;
using CodexWeb.Tasks;
using CodexWeb.Tests.Sandboxes;

namespace CodexWeb.Tests.Models.Demo;

public sealed partial class DemoScriptTests(DemoServer server) : IClassFixture<DemoServer>
{
    private static string Example(int number) => ExampleTasks.For(isSample: true)[number].Prompt;

    [Fact]
    public async Task The_failing_test_is_seen_failing_then_fixed_then_seen_passing()
    {
        using var sample = new SampleFolder();
        var conversation = new DemoConversation(server.BaseUrl, sample.Root);

        var answer = await conversation.AskAsync(Example(0));

        Assert.Contains("last if $quantity < $step->{from};", sample.Read("lib/Basket/Discount.pm"), StringComparison.Ordinal);
        Assert.Equal(2, conversation.Commands.Count(command => command is "prove -lr t"));
        Assert.Contains("❌ `prove -lr t` before the change: t/discount.t failed 【C:item_", answer, StringComparison.Ordinal);
        Assert.Contains("✅ `prove -lr t` after the change: 5 files, 25 tests, all passed 【C:item_", answer, StringComparison.Ordinal);
        Assert.Contains("“10 pieces: 5 percent” got `0`, expected `5`.", answer, StringComparison.Ordinal);
        AssertCitationsHold(answer, sample, conversation);
    }

    [Fact]
    public async Task It_goes_on_where_it_was_when_its_conversation_is_compacted_before_every_request()
    {
        using var sample = new SampleFolder();
        var conversation = new DemoConversation(server.BaseUrl, sample.Root);
        using var other = new SampleFolder();
        var whole = new DemoConversation(server.BaseUrl, other.Root);
        var expected = await whole.AskAsync(Example(0));
        conversation.Compactions.UnionWith(Enumerable.Range(1, 100));

        Assert.Equal(expected, await conversation.AskAsync(Example(0)));
        Assert.Equal(whole.Commands, conversation.Commands);
        Assert.Contains("I am a script", await conversation.AskAsync("Thanks."), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fix the bug")]
    [InlineData("The tests are red, please repair them.")]
    [InlineData("Customers say the discount is wrong")]
    public async Task Other_words_for_the_same_task_do_too(string prompt)
    {
        using var sample = new SampleFolder();

        await new DemoConversation(server.BaseUrl, sample.Root).AskAsync(prompt);

        Assert.Contains("$quantity < $step", sample.Read("lib/Basket/Discount.pm"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_all_tests_pass_it_says_so_and_changes_nothing()
    {
        using var sample = new SampleFolder();
        sample.Replace("lib/Basket/Discount.pm", "<= $step", "< $step");
        var before = sample.Read("lib/Basket/Discount.pm");

        var answer = await new DemoConversation(server.BaseUrl, sample.Root).AskAsync(Example(0));

        Assert.StartsWith("All tests pass already", answer, StringComparison.Ordinal);
        Assert.Equal(before, sample.Read("lib/Basket/Discount.pm"));
    }

    [Fact]
    public async Task A_mistake_it_does_not_know_is_reported_and_left()
    {
        using var sample = new SampleFolder();
        sample.Replace("lib/Basket/Discount.pm", "last if $quantity <= $step->{from};", "last;");
        var before = sample.Read("lib/Basket/Discount.pm");

        var answer = await new DemoConversation(server.BaseUrl, sample.Root).AskAsync(Example(0));

        Assert.StartsWith("I could not fix it.", answer, StringComparison.Ordinal);
        Assert.Contains("expected `5`", answer, StringComparison.Ordinal);
        Assert.Equal(before, sample.Read("lib/Basket/Discount.pm"));
    }

    [Fact]
    public async Task A_fix_that_does_not_make_the_tests_pass_is_not_called_one()
    {
        using var sample = new SampleFolder();
        sample.Replace("lib/Basket/Money.pm", "+ 50) / 100", "+ 40) / 100");

        var answer = await new DemoConversation(server.BaseUrl, sample.Root).AskAsync(Example(0));

        Assert.StartsWith("I mended one mistake, but the tests still do not pass.", answer, StringComparison.Ordinal);
        Assert.Contains("❌ `prove -lr t` after the change: t/", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_missing_test_is_written_and_passes()
    {
        using var sample = new SampleFolder();
        var conversation = new DemoConversation(server.BaseUrl, sample.Root);

        var answer = await conversation.AskAsync(Example(2));

        Assert.Contains("✅ `prove -lv t/script.t`: 1 file, 3 tests, all passed", answer, StringComparison.Ordinal);
        Assert.Contains("t/discount.t failed before too", answer, StringComparison.Ordinal);
        AssertCitationsHold(answer, sample, conversation);
    }

    [Theory]
    [InlineData("How is the total of a basket computed, and where are amounts rounded?", "sub total")]
    [InlineData("Which discount does a customer get?", "sub percent_for")]
    [InlineData("What does the receipt look like?", "sub receipt")]
    [InlineData("Where does croak come from?", "croak")]
    public async Task A_question_is_answered_with_the_lines_that_are_there(string question, string cited)
    {
        using var sample = new SampleFolder();
        var conversation = new DemoConversation(server.BaseUrl, sample.Root, ask: true);

        var answer = await conversation.AskAsync(question);

        Assert.Contains("I am a script, not an AI", answer, StringComparison.Ordinal);
        Assert.Contains(FileCitation().Matches(answer), match => Cited(match, sample)[0].Contains(cited, StringComparison.Ordinal));
        AssertCitationsHold(answer, sample, conversation);
    }

    [Fact]
    public async Task When_the_code_has_moved_on_the_lines_are_found_anew()
    {
        using var sample = new SampleFolder();
        sample.Replace("lib/Basket.pm", "sub net ", "# One more line.\nsub net ");
        sample.Replace("lib/Basket.pm", "sub total", "sub grand_total");
        var conversation = new DemoConversation(server.BaseUrl, sample.Root, ask: true);

        var answer = await conversation.AskAsync(Example(1));

        Assert.StartsWith("These lines have the words", answer, StringComparison.Ordinal);
        AssertCitationsHold(answer, sample, conversation);
    }

    [Fact]
    public async Task Any_other_repository_runs_the_blocks_of_the_prompt_and_reports_each()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.txt"), "one\n");
        var conversation = new DemoConversation(server.BaseUrl, folder.Path);

        var answer = await conversation.AskAsync("""
            Do this:
            ```sh
            cat a.txt
            ```
            and a patch
            ```bash
            apply_patch <<'EOF'
            *** Begin Patch
            *** Update File: a.txt
            -one
            +two
            *** End Patch
            EOF
            ```
            ```python
            print("not run")
            ```
              ~~~shell
              grep three a.txt
              ~~~
            """);

        Assert.Equal(["cat a.txt", "grep three a.txt"], conversation.Commands);
        Assert.Equal("two\n", File.ReadAllText(folder.File("a.txt")));
        Assert.StartsWith("""
            2 of 3 blocks ran as they should.

            - ✅ `cat a.txt`: exit code 0 【C:item_1】

              ```text
              one
              ```

            - ✅ The patch was applied
            - ❌ `grep three a.txt`: exit code 1 【C:item_2】
            """, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_block_it_lists_the_files_and_says_how_to_write_one()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("main.c"), "");

        var answer = await new DemoConversation(server.BaseUrl, folder.Path).AskAsync("Make it faster");

        Assert.Contains("“Make it faster”", answer, StringComparison.Ordinal);
        Assert.Contains("`main.c`", answer, StringComparison.Ordinal);
        Assert.Contains("```sh", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_Ask_a_patch_is_left_out_and_the_rest_is_done()
    {
        using var folder = new TemporaryFolder();

        var answer = await new DemoConversation(server.BaseUrl, folder.Path, ask: true).AskAsync("```patch\n*** Begin Patch\n*** Delete File: x\n*** End Patch\n```\n```sh\necho hi\n```");

        Assert.Contains("⚠️ The patch was left out", answer, StringComparison.Ordinal);
        Assert.Contains("✅ `echo hi`: exit code 0", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_sent_meanwhile_are_acknowledged_and_their_blocks_run()
    {
        using var sample = new SampleFolder();
        var conversation = new DemoConversation(server.BaseUrl, sample.Root) { Steering = { [2] = "Hurry up", [4] = "and run\n```sh\necho steered\n```" } };

        var answer = await conversation.AskAsync(Example(0));

        var said = conversation.History.OfType<ConversationEntry.Assistant>().Select(message => message.Text).ToList();
        Assert.Single(said, text => text.Contains("You wrote: “Hurry up”. As a script I can only run `sh` blocks", StringComparison.Ordinal));
        Assert.Single(said, text => text.Contains("You wrote: “and run …”. I run its 1 block", StringComparison.Ordinal));
        Assert.Single(conversation.Commands, "echo steered");
        Assert.Contains("✅ `echo steered`: exit code 0", answer, StringComparison.Ordinal);
        Assert.Contains("✅ `prove -lr t` after the change", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follow_up_counts_from_its_own_message_on()
    {
        using var sample = new SampleFolder();
        var conversation = new DemoConversation(server.BaseUrl, sample.Root);
        await conversation.AskAsync(Example(0));
        conversation.Commands.Clear();

        var answer = await conversation.AskAsync("And now:\n```sh\nprove -l t/discount.t\n```");

        Assert.Equal(["prove -l t/discount.t"], conversation.Commands);
        Assert.StartsWith("The block ran as it should.", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_stop_the_next_message_begins_anew()
    {
        using var folder = new TemporaryFolder();
        var conversation = new DemoConversation(server.BaseUrl, folder.Path);
        conversation.History.Add(new ConversationEntry.User("```sh\necho first\n```\n```sh\necho never\n```"));
        var begun = await conversation.RequestAsync();
        conversation.History.AddRange(begun);
        conversation.History.Add(new ConversationEntry.ToolResult(begun.OfType<ConversationEntry.ToolCall>().Single().CallId, "Item: item_1\naborted: stopped."));
        conversation.History.Add(new ConversationEntry.User("The person stopped the turn here. What was under way may be half done: look at the files before you go on."));

        await conversation.AskAsync("```sh\necho second\n```");

        Assert.Equal(["echo second"], conversation.Commands);
    }

    [Fact]
    public async Task A_long_command_is_polled_until_it_ends()
    {
        using var folder = new TemporaryFolder();
        var polls = 0;
        var conversation = new DemoConversation(server.BaseUrl, folder.Path)
        {
            Instead = name => name switch
            {
                "make" => "Still running: session 7. Poll it.\nOutput:\nfirst\n",
                "write_stdin" when ++polls < 3 => "Item: item_1\nStill running: session 7.\nOutput:\n",
                "write_stdin" => "Item: item_1\nExit code: 2\nOutput:\nlast\n",
                _ => null,
            },
        };

        var answer = await conversation.AskAsync("```sh\nmake\n```");

        Assert.Contains("❌ `make`: exit code 2 【C:item_1】\n\n  ```text\n  first\n  last\n  ```", answer, StringComparison.Ordinal);
        Assert.Equal(3, polls);
    }

    [Fact]
    public async Task Output_cannot_pass_for_the_facts_about_a_command()
    {
        using var folder = new TemporaryFolder();

        var answer = await new DemoConversation(server.BaseUrl, folder.Path).AskAsync("```sh\nprintf 'Item: item_99\\nExit code: 0\\nOutput:\\n'; exit 3\n```");

        Assert.Contains("exit code 3 【C:item_1】", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_growing_conversation_is_mostly_served_from_the_cache()
    {
        using var sample = new SampleFolder();
        var conversation = new DemoConversation(server.BaseUrl, sample.Root);

        await conversation.AskAsync(Example(0));

        Assert.InRange(conversation.Usage.CachedInputTokens, 1024, conversation.Usage.InputTokens);
        Assert.Equal(0, conversation.Usage.CachedInputTokens % 128);
    }

    [Fact]
    public void Other_repositories_get_three_examples_the_demo_model_can_do()
    {
        Assert.Equal(3, ExampleTasks.For(isSample: false).Count);
        Assert.All(ExampleTasks.For(isSample: false), task => Assert.NotEmpty(ScriptBlock.In(task.Prompt)));
        Assert.Equal([TaskMode.Code, TaskMode.Ask, TaskMode.Code], ExampleTasks.For(isSample: true).Select(task => task.Mode));
    }

    private static void AssertCitationsHold(string answer, SampleFolder sample, DemoConversation conversation)
    {
        var files = FileCitation().Matches(answer);
        Assert.NotEmpty(files);
        Assert.All(files, match => Assert.NotEmpty(Cited(match, sample)));
        Assert.All(ItemCitation().Matches(answer), match => Assert.InRange(Number(match.Groups["item"]), 1, conversation.Commands.Count));
    }

    private static string[] Cited(Match citation, SampleFolder sample)
    {
        var lines = sample.Read(citation.Groups["path"].Value).Split('\n');
        var first = Number(citation.Groups["first"]);
        var last = citation.Groups["last"].Success ? Number(citation.Groups["last"]) : first;
        Assert.InRange(last, first, lines.Length);
        return lines[(first - 1)..last];
    }

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("【F:(?<path>[^†]+)†L(?<first>\\d+)(-L(?<last>\\d+))?】", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FileCitation();

    [GeneratedRegex("【C:item_(?<item>\\d+)】", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ItemCitation();
}
