using CodexWeb.Evaluation;

namespace CodexWeb.Tests.Evaluation;

/// <summary>What an honest candidate may expect.</summary>
public sealed class FunctionJudgeTests : IAsyncDisposable
{
    private readonly FunctionJudgeRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Solutions_pass_as_bodies_and_as_whole_functions()
    {
        foreach (var problem in OwnProblems.All)
        {
            Assert.Equal(new Judgement(SampleOutcome.Passed, ""), await _rig.JudgeAsync(problem, problem.Solution!));
            Assert.Equal(new Judgement(SampleOutcome.Passed, ""), await _rig.JudgeAsync(problem, OwnProblems.Fenced(problem.Prompt + problem.Solution)));
        }
    }

    [Theory]
    [InlineData("    return a + b\n")]
    [InlineData("return a + b")]
    [InlineData("```\nreturn a + b\n```")]
    [InlineData("~~~~py\n    c = a\n    return c + b\n~~~~")]
    [InlineData("c = a\n    return c + b")]
    [InlineData("def add(a, b): return a + b")]
    [InlineData("First try:\n```python\ndef add(a, b):\n    return a - b\n```\nNo, wrong. Better:\n```python\ndef add(a, b):\n    return a + b\n```\nRun it with:\n```sh\npython add.py\n```")]
    [InlineData("```python\r\ndef add(a, b):\r\n    return a + b\r\n```")]
    [InlineData("  ```python\n  def add(a, b):\n      return a + b\n  ```")]
    [InlineData("```python\nfrom __future__ import annotations\ndef add(a, b):\n    return a + b\n```")]
    [InlineData("```python\ndef add(a, b):\n    return a + b")]
    [InlineData("```python\ndef add(a, b):\n    return a + b\n\nif __name__ == '__main__':\n    raise SystemExit(1)\n```")]
    public async Task Code_is_found_however_it_is_written(string answer) =>
        Assert.Equal(new Judgement(SampleOutcome.Passed, ""), await _rig.JudgeAsync(OwnProblems.Add, answer));

    [Theory]
    [InlineData("", SampleOutcome.NoCode)]
    [InlineData("  \n", SampleOutcome.NoCode)]
    [InlineData("I cannot write this function, I am afraid.", SampleOutcome.NoCode)]
    [InlineData("```python\ndef add(a, b)\n    return a + b\n```", SampleOutcome.Failed)]
    [InlineData("    return a - b\n", SampleOutcome.Failed)]
    [InlineData("    pass\n", SampleOutcome.Failed)]
    [InlineData("    while True:\n        pass\n", SampleOutcome.TimedOut)]
    public async Task What_does_not_pass_is_told_apart(string answer, SampleOutcome expected) =>
        Assert.Equal(expected, (await _rig.JudgeAsync(OwnProblems.Add, answer, seconds: expected is SampleOutcome.TimedOut ? 1.5 : 20)).Outcome);

    [Fact]
    public async Task A_failure_names_the_line_of_the_test() =>
        Assert.Equal(new Judgement(SampleOutcome.Failed, "AssertionError at: assert candidate(1, 2) == 3"), await _rig.JudgeAsync(OwnProblems.Add, "    return a - b\n"));

    [Fact]
    public async Task An_exception_of_the_candidate_is_told_as_its_own() => Assert.Equal(
        new Judgement(SampleOutcome.Failed, "It raised ZeroDivisionError: division by zero at: assert candidate(1, 2) == 3"),
        await _rig.JudgeAsync(OwnProblems.Add, "    return a / 0\n"));

    [Theory]
    [InlineData("None")]
    [InlineData("True")]
    [InlineData("-(2 ** 53)")]
    [InlineData("10 ** 4000 + 7")]
    [InlineData("0.1 + 0.2")]
    [InlineData("float('-inf')")]
    [InlineData("[1, (2, 3), {'a': {4, 5}}, frozenset({6})]")]
    [InlineData("{1: 'x', (2, 3): [None], 'k': 1.5}")]
    [InlineData("'\\ud800 \\u2028 \\n é'")]
    [InlineData("b'\\x00\\xff'")]
    [InlineData("bytearray(b'x')")]
    [InlineData("complex(1, -2)")]
    [InlineData("range(3, 30, 4)")]
    [InlineData("__import__('decimal').Decimal('0.10')")]
    [InlineData("__import__('fractions').Fraction(1, 3)")]
    public async Task Plain_data_passes_unchanged_in_both_directions(string value)
    {
        var problem = OwnProblems.Add with
        {
            Test = $"value = {value}\ndef check(candidate):\n    there, back = value, candidate(value, value)\n    assert type(back) is type(there) and repr(back) == repr(there)\n",
        };

        Assert.Equal(new Judgement(SampleOutcome.Passed, ""), await _rig.JudgeAsync(problem, $"    assert repr(a) == repr({value})\n    return b\n"));
    }

    [Fact]
    public async Task Named_arguments_and_state_between_calls_work()
    {
        var problem = OwnProblems.Add with { Test = "def check(candidate):\n    assert candidate(a=1, b=2) == 3\n    assert add(1, b=2) == 4\n" };

        Assert.Equal(SampleOutcome.Passed, (await _rig.JudgeAsync(problem, "```\ncalls = 0\ndef add(a, b):\n    global calls\n    calls += 1\n    return a + b + calls - 1\n```")).Outcome);
    }

    [Fact]
    public async Task Without_check_the_test_may_call_the_function_itself() =>
        Assert.Equal(SampleOutcome.Passed, (await _rig.JudgeAsync(OwnProblems.Add with { Test = "assert add(2, 2) == 4" }, "    return a + b\n")).Outcome);

    [Theory]
    [InlineData("def check(candidate):\n    pass\n", "never called")]
    [InlineData("def test_it():\n    assert add(1, 2) == 3\n", "never called")]
    [InlineData("import no_such_module\ndef check(candidate):\n    assert candidate(1, 2) == 3\n", "no_such_module")]
    [InlineData("def check(candidate)\n", "SyntaxError")]
    [InlineData("def check(candidate):\n    assert candidate(lambda: 1, 2)\n", "type function")]
    public async Task A_problem_that_proves_nothing_passes_nobody(string test, string reason)
    {
        var judgement = await _rig.JudgeAsync(OwnProblems.Add with { Test = test }, "    return a + b\n");

        Assert.Equal(SampleOutcome.Unjudged, judgement.Outcome);
        Assert.Contains(reason, judgement.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_missing_here() => Assert.Null(await _rig.Judge().ObstacleAsync(CancellationToken.None));
}
