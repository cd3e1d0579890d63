using System.Text.Json;
using System.Text.Json.Nodes;
using CodexWeb.Evaluation;
using CodexWeb.Tests.Models;

namespace CodexWeb.Tests.Evaluation;

/// <summary>The command from its arguments to its table, with a model on the loopback.</summary>
public sealed class EvalCommandTests : IDisposable
{
    private readonly EvalProgram _eval = new();

    public void Dispose() => _eval.Dispose();

    [Fact]
    public async Task Right_solutions_make_1_and_wrong_ones_0()
    {
        OwnProblems.Write(_eval.Problems, OwnProblems.All);
        await using var right = await SolvingModel.StartAsync((question, _) => Solved(question));
        var all = await _eval.RunAsync(right);

        Assert.True(all.ExitCode == 0, all.Error);
        Assert.Contains("pass@1     1.000\n\n     5 passed\n", all.Output, StringComparison.Ordinal);
        Assert.Contains("5,000 tokens in (4,000 cached), 250 out, $0.01", all.Output, StringComparison.Ordinal);

        await using var wrong = await SolvingModel.StartAsync(static (_, _) => Message("    return 'wrong'\n"));
        var none = await _eval.RunAsync(wrong, "--output", Path.Combine(_eval.Folder, "wrong"));

        Assert.True(none.ExitCode == 0, none.Error);
        Assert.Contains("pass@1     0.000\n\n     5 did not pass\n", none.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_own_solutions_pass_from_a_gzipped_file_and_need_no_model()
    {
        var problems = Path.Combine(_eval.Folder, "own.jsonl.gz");
        OwnProblems.Write(problems, OwnProblems.All);

        var run = await _eval.RunAsync(["eval", "--problems", problems, "--reference", "--json", "--output", _eval.Output]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(1, JsonNode.Parse(run.Output)!["passAt"]!["1"]!.GetValue<double>());
    }

    [Fact]
    public async Task Several_samples_give_pass_at_k_by_the_unbiased_estimator()
    {
        OwnProblems.Write(_eval.Problems, OwnProblems.All.Take(2));
        // Of four answers the first problem's have one that is right, the second's none.
        var first = 0;
        await using var model = await SolvingModel.StartAsync((question, _) => question.Contains("`add`", StringComparison.Ordinal) && Interlocked.Increment(ref first) == 3 ? Solved(question) : Message("    return None\n"));

        var run = await _eval.RunAsync(model, "--samples", "4", "--k", "2,1,4", "--parallel", "2");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("{\"1\":0.125,\"2\":0.25,\"4\":0.5}", _eval.Results["passAt"]!.ToJsonString());
        Assert.Equal(8, model.Questions.Count);
    }

    [Fact]
    public async Task A_run_that_was_cut_goes_on_where_it_stopped()
    {
        OwnProblems.Write(_eval.Problems, OwnProblems.All);
        await using var model = await SolvingModel.StartAsync((question, _) => Solved(question));
        await _eval.RunAsync(model);
        var samples = _eval.Samples;
        // As a process leaves it that was killed in the middle of a line.
        await File.WriteAllTextAsync(Path.Combine(_eval.Output, "samples.jsonl"), string.Join('\n', samples.Take(3)) + "\n" + samples[3][..20]);

        var again = await _eval.RunAsync(model);

        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(7, model.Questions.Count);
        Assert.Equal(samples.Take(3), _eval.Samples.Take(3));
        Assert.Equal(5, _eval.Samples.Count);
        Assert.Contains("3/5  samples were tried before; going on.", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_service_failed_to_answer_is_told_apart_and_tried_again_by_the_next_run()
    {
        OwnProblems.Write(_eval.Problems, OwnProblems.All);
        var broken = true;
        await using var model = await SolvingModel.StartAsync((question, _) => broken && question.Contains("`root`", StringComparison.Ordinal)
            ? Reply.Error(503, "busy", "Come again.", ("Retry-After", "3600"))
            : Solved(question));

        var first = await _eval.RunAsync(model);
        broken = false;
        var second = await _eval.RunAsync(model);

        Assert.Equal(1, first.ExitCode);
        Assert.Contains("pass@1     0.800\n", first.Output, StringComparison.Ordinal);
        Assert.Contains("     1 could not be tried\n", first.Output, StringComparison.Ordinal);
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Contains("pass@1     1.000\n\n     5 passed\n", second.Output, StringComparison.Ordinal);
        Assert.Equal(6, model.Questions.Count);
    }

    [Fact]
    public async Task A_refusal_is_no_pass_and_is_not_asked_again()
    {
        OwnProblems.Write(_eval.Problems, OwnProblems.All);
        await using var model = await SolvingModel.StartAsync((question, _) => question.Contains("`decode`", StringComparison.Ordinal)
            ? Reply.Error(400, "policy", "This we do not answer.")
            : Solved(question));

        await _eval.RunAsync(model);
        var again = await _eval.RunAsync(model);

        Assert.Contains("     1 refused by the provider\n", again.Output, StringComparison.Ordinal);
        Assert.Contains("Own/4    1  refused ", again.Output, StringComparison.Ordinal);
        Assert.Contains("This we do not answer.", again.Output, StringComparison.Ordinal);
        Assert.Equal(5, model.Questions.Count);
    }

    [Fact]
    public async Task A_wrong_key_ends_the_run_with_the_providers_own_words()
    {
        OwnProblems.Write(_eval.Problems, OwnProblems.All);
        await using var model = await SolvingModel.StartAsync(static (_, _) => Reply.Error(401, "invalid_api_key", "No such key."));

        var run = await _eval.RunAsync(model, "--parallel", "1");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("The provider of own/solver does not let us ask it: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("No such key. The samples so far are kept", run.Error, StringComparison.Ordinal);
        Assert.Single(model.Questions);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_file_or_another_setting_is_refused_in_the_same_folder()
    {
        OwnProblems.Write(_eval.Problems, OwnProblems.All.Take(1));
        await using var model = await SolvingModel.StartAsync((question, _) => Solved(question));
        await _eval.RunAsync(model);

        var otherSamples = await _eval.RunAsync(model, "--samples", "2");
        OwnProblems.Write(_eval.Problems, [OwnProblems.Add with { Test = "def check(candidate):\n    candidate(1, 2)\n" }]);
        var otherFile = await _eval.RunAsync(model);

        Assert.Equal((1, 1), (otherSamples.ExitCode, otherFile.ExitCode));
        Assert.Contains("holds another evaluation: it had 1 samples of each problem, not 2.", otherSamples.Error, StringComparison.Ordinal);
        Assert.Contains("holds another evaluation: the problem file was another, or was changed since.", otherFile.Error, StringComparison.Ordinal);
        Assert.Single(model.Questions);
    }

    [Theory]
    [InlineData("--k takes whole numbers", "--k", "1,x")]
    [InlineData("pass@5 cannot be told from 3 samples", "--k", "5", "--samples", "3")]
    [InlineData("There is no model 'own/other'. This server has own/solver.", "--model", "own/other")]
    [InlineData("The demo model is a script", "--model", "demo/scripted")]
    [InlineData("--samples takes a whole number from 1 to 10000.", "--samples", "0")]
    [InlineData("--timeout takes seconds", "--timeout", "-1")]
    [InlineData("Sandboxx", "--Sandboxx:Driver=auto")]
    public async Task What_cannot_be_is_said_in_a_sentence(string sentence, params string[] arguments)
    {
        OwnProblems.Write(_eval.Problems, OwnProblems.All);
        await using var model = await SolvingModel.StartAsync((question, _) => Solved(question));

        var run = await _eval.RunAsync(model, arguments);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(sentence, run.Output + run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Empty(model.Questions);
    }

    [Theory]
    [InlineData("", "holds no problem")]
    [InlineData("{}\n", "Line 1 of the problem file cannot be used: it is neither")]
    [InlineData("\n[1]\n", "Line 2 of the problem file cannot be used: it is no JSON object.")]
    [InlineData("{\"task_id\": \"a\"", "Line 1 of the problem file cannot be used: it is no JSON:")]
    [InlineData("{\"task_id\": \"a\", \"entry_point\": \"f\", \"prompt\": \"def f():\", \"test\": \"\"}", "its field test is missing or empty")]
    [InlineData("{\"task_id\": \"a\", \"entry_point\": \"f()\", \"prompt\": \"def f():\", \"test\": \"f()\"}", "its entry_point is no name")]
    [InlineData("{\"task_id\": [], \"entry_point\": \"f\", \"prompt\": \"def f():\", \"test\": \"f()\"}", "its field task_id must be text")]
    public async Task A_file_that_is_none_is_refused(string text, string sentence)
    {
        await File.WriteAllTextAsync(_eval.Problems, text);

        var refusal = await Assert.ThrowsAsync<EvaluationException>(() => ProblemFile.ReadAsync(_eval.Problems, CancellationToken.None));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_works_on_a_repository_and_its_tests_decide()
    {
        using var rig = new RepositoryRig();
        var problem = await rig.MakeAsync();
        var line = new { id = "shop/1", repository = problem.Repository, commit = problem.Commit, prompt = "Mend total. Variant: right.", test = problem.Test };
        await File.WriteAllLinesAsync(_eval.Problems,
        [
            JsonSerializer.Serialize(line),
            JsonSerializer.Serialize(line with { id = "shop/2", prompt = "Mend total. Variant: exit." }),
            JsonSerializer.Serialize(line with { id = "shop/3", prompt = "Mend total. Variant: nothing." }),
            JsonSerializer.Serialize(line with { id = "shop/4", commit = "no-such-commit" }),
        ]);
        await using var model = await SolvingModel.StartAsync(static (question, _) =>
            question.Contains("call_1", StringComparison.Ordinal) || question.Contains("Variant: nothing", StringComparison.Ordinal) ? Message("Done.")
            : Reply.Answer(OutputItem.Exec("call_1", question.Contains("Variant: right", StringComparison.Ordinal)
                ? "printf 'def total(prices):\\n    return sum(prices)\\n' > shop.py"
                : "printf 'import os\\nos._exit(0)\\n' > shop.py")));

        var run = await _eval.RunAsync(model);

        Assert.True(run.ExitCode == 1 && run.Output.Length > 0, run.Error);
        Assert.Contains("pass@1     0.250\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(["passed", "cheated", "no_code", "error"], _eval.Samples.Select(static sample => JsonNode.Parse(sample)!).OrderBy(static sample => sample["problem"]!.GetValue<string>(), StringComparer.Ordinal).Select(static sample => sample["outcome"]!.GetValue<string>()));
        Assert.Contains("has no commit 'no-such-commit'", run.Output, StringComparison.Ordinal);
        Assert.Contains(_eval.Samples, static sample => JsonNode.Parse(sample)!["answer"]?.GetValue<string>().Contains("+    return sum(prices)", StringComparison.Ordinal) is true);
    }

    private static Reply Message(string text) => Reply.Answer(OutputItem.Message(text));

    private static Reply Solved(string question)
    {
        var problem = OwnProblems.All.Single(problem => question.Contains($"`{problem.EntryPoint}`", StringComparison.Ordinal));
        return Message(OwnProblems.Fenced(problem.Prompt + problem.Solution));
    }
}
