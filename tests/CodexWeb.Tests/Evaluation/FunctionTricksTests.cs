using CodexWeb.Evaluation;

namespace CodexWeb.Tests.Evaluation;

/// <summary>Candidates that want to pass without solving anything.</summary>
public sealed class FunctionTricksTests : IAsyncDisposable
{
    private readonly FunctionJudgeRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    public static TheoryData<string, string, SampleOutcome> Tricks => new()
    {
        { "ends the process while it is loaded", "import os\nos._exit(0)\ndef add(a, b): pass", SampleOutcome.Crashed },
        { "ends the process when it is called", "import os\ndef add(a, b): os._exit(0)", SampleOutcome.Crashed },
        { "kills itself", "import os, signal\ndef add(a, b): os.kill(os.getpid(), signal.SIGKILL)", SampleOutcome.Crashed },
        { "leaves while it is loaded", "raise SystemExit(0)\ndef add(a, b): pass", SampleOutcome.Failed },
        { "leaves when it is called", "import sys\ndef add(a, b): sys.exit(0)", SampleOutcome.Failed },
        { "interrupts", "def add(a, b): raise KeyboardInterrupt", SampleOutcome.Failed },
        { "ends its generator", "def add(a, b): raise GeneratorExit", SampleOutcome.Failed },
        { "replaces itself by a program that succeeds", "import os\ndef add(a, b): os.execv('/bin/true', ['true'])", SampleOutcome.Crashed },
        { "is equal to everything", "class Any:\n    def __eq__(self, other): return True\ndef add(a, b): return Any()", SampleOutcome.Failed },
        { "is a number that is equal to everything", "class Any(int):\n    def __eq__(self, other): return True\n    __hash__ = int.__hash__\ndef add(a, b): return Any(99)", SampleOutcome.Failed },
        { "is a list of what is equal to everything", "class Any(str):\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__\ndef add(a, b): return [Any('x')]", SampleOutcome.Failed },
        { "calls itself an int", "class Any:\n    __class__ = int\n    def __eq__(self, other): return True\n    def __int__(self): return 3\ndef add(a, b): return Any()", SampleOutcome.Failed },
        { "breaks assert", "import builtins\nbuiltins.AssertionError = type('Nothing', (BaseException,), {})\ndef add(a, b): return 0", SampleOutcome.Failed },
        { "replaces the language's functions", "import builtins\nfor name in ('isinstance', 'type', 'getattr', 'callable', 'repr', 'str'):\n    setattr(builtins, name, lambda *a: True)\ndef add(a, b): return 0", SampleOutcome.Crashed },
        {
            "sends verdicts instead of answers",
            "import sys\nsys.modules['json'].dumps = lambda message: '{\"verdict\": \"passed\", \"detail\": \"\"}'\ndef add(a, b): return 0",
            SampleOutcome.Failed
        },
        {
            "writes the verdict wherever it can",
            "import os\ndef add(a, b):\n    for number in range(256):\n        try: os.write(number, b'{\"verdict\": \"passed\", \"detail\": \"\"}\\n' * 3)\n        except OSError: pass\n    return 0",
            SampleOutcome.Failed
        },
        { "prints the verdict", "def add(a, b):\n    print('{\"verdict\": \"passed\", \"detail\": \"\"}', flush=True)\n    print('passed')\n    return 0", SampleOutcome.Failed },
        { "answers ahead", "import os\nos.write(4, b'{\"ready\": true}\\n' + b'{\"value\": 3}\\n' * 9)\ndef add(a, b): return 3", SampleOutcome.Failed },
        { "patches the caller's frame", "import sys\ndef add(a, b):\n    frame = sys._getframe(1)\n    frame.f_globals['pack'] = lambda value: {'verdict': 'passed'}\n    return 0", SampleOutcome.Failed },
        { "replaces the modules the harness uses", "import sys\nsys.modules['builtins'] = sys.modules['json'] = sys\ndef add(a, b): return 0", SampleOutcome.Failed },
        { "raises an exception named like the harness' own", "class Broken(Exception): pass\ndef add(a, b): raise Broken('verdict passed')", SampleOutcome.Failed },
        { "says that it raised what the judge catches", "import sys\nsys.modules['json'].dumps = lambda m: '{\"raised\": [\"Broken\", \"BaseException\"], \"text\": \"\"}'\ndef add(a, b): return 0", SampleOutcome.Failed },
        { "defines the test itself", "def check(candidate): pass\nMETADATA = {}\ndef add(a, b): return 0", SampleOutcome.Failed },
        { "closes the channel", "import os\ndef add(a, b): os.closerange(3, 64)", SampleOutcome.Crashed },
        { "answers with a number of a million digits", "def add(a, b): return 10 ** 1000000", SampleOutcome.Failed },
        { "answers with a list in a list in a list", "def add(a, b):\n    nested = []\n    for _ in range(200000): nested = [nested]\n    return nested", SampleOutcome.Failed },
        { "answers with a list in itself", "def add(a, b):\n    a = []\n    a.append(a)\n    return a", SampleOutcome.Failed },
        { "answers with more than anybody reads", "def add(a, b): return 'x' * (40 << 20)", SampleOutcome.Crashed },
        { "returns a promise", "async def add(a, b): return a + b", SampleOutcome.Failed },
        { "yields", "def add(a, b): yield 3", SampleOutcome.Failed },
    };

    [Theory]
    [MemberData(nameof(Tricks))]
    public async Task A_candidate_does_not_pass_when_it(string trick, string code, SampleOutcome expected)
    {
        var judgement = await _rig.JudgeAsync(OwnProblems.Add, OwnProblems.Fenced(code));

        Assert.True(judgement.Outcome == expected, $"{trick}: {judgement}");
    }

    [Theory]
    [InlineData("import os\ndef add(a, b): os._exit(0)", SampleOutcome.Crashed)]
    [InlineData("def add(a, b): raise SystemExit(0)", SampleOutcome.Failed)]
    [InlineData("def add(a, b): return object()", SampleOutcome.Failed)]
    public async Task A_test_that_catches_everything_does_not_let_an_early_end_through(string code, SampleOutcome expected)
    {
        var careless = OwnProblems.Add with { Test = "def check(candidate):\n    try:\n        candidate(1, 2)\n    except BaseException:\n        pass\n    try:\n        candidate(1, 2)\n    except:\n        pass\n" };

        Assert.Equal(expected, (await _rig.JudgeAsync(careless, OwnProblems.Fenced(code))).Outcome);
    }

    [Fact]
    public async Task The_test_is_nowhere_to_be_found()
    {
        var problem = OwnProblems.Add with { Test = "# the-secret-of-the-test\ndef check(candidate):\n    assert candidate(1, 2) == 'nothing found'\n" };
        const string Search =
            """
            import gc, os, sys
            def add(a, b):
                secret = 'the-secret-' + 'of-the-test'
                for folder in ('/proc', '/tmp', '/workspace', '/home', '/run', '/dev/shm'):
                    for path, _, names in os.walk(folder):
                        for name in names:
                            if name in ('kmsg', 'kcore') or '/fd' in path or '/task' in path:
                                continue
                            try:
                                descriptor = os.open(os.path.join(path, name), os.O_RDONLY | os.O_NONBLOCK)
                                try:
                                    if secret.encode() in os.read(descriptor, 1 << 20):
                                        return os.path.join(path, name)
                                finally:
                                    os.close(descriptor)
                            except OSError:
                                pass
                for thing in gc.get_objects():
                    if isinstance(thing, dict) and any(isinstance(value, str) and secret in value for value in list(thing.values())):
                        return 'in memory'
                return 'nothing found'
            """;

        Assert.Equal(new Judgement(SampleOutcome.Passed, ""), await _rig.JudgeAsync(problem, OwnProblems.Fenced(Search)));
    }

    [Theory]
    [InlineData("import os\nif os.fork(): os._exit(0)\ndef add(a, b): return 0")]
    [InlineData("import os\ndef add(a, b):\n    while os.fork(): pass\n    return 0")]
    [InlineData("import os\ndef add(a, b):\n    os.setsid() if not os.fork() else os._exit(0)\n    import time\n    time.sleep(600)")]
    [InlineData("def add(a, b):\n    hoard = []\n    while True: hoard.append(bytearray(1 << 24))")]
    [InlineData("import signal, time\nfor number in range(1, 64):\n    try: signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError): pass\ndef add(a, b): time.sleep(600)")]
    [InlineData("import os\ndef add(a, b):\n    with open('/tmp/full', 'wb') as file:\n        while True: file.write(bytes(1 << 20))")]
    public async Task A_candidate_that_runs_wild_ends_with_its_sandbox(string code)
    {
        var judgement = await _rig.JudgeAsync(OwnProblems.Add, OwnProblems.Fenced(code), seconds: 6);

        Assert.True(judgement.Outcome is SampleOutcome.Crashed or SampleOutcome.TimedOut or SampleOutcome.Failed, judgement.ToString());
    }

    [Fact]
    public async Task What_one_candidate_leaves_behind_no_other_finds()
    {
        await _rig.JudgeAsync(OwnProblems.Add, OwnProblems.Fenced("import os\nfor folder in ('/tmp', '/home/codex', '/dev/shm', '/workspace'):\n    try: open(folder + '/left', 'w').close()\n    except OSError: pass\ndef add(a, b): return a + b"));
        var judgement = await _rig.JudgeAsync(
            OwnProblems.Add, OwnProblems.Fenced("import os\ndef add(a, b):\n    assert not any(os.path.exists(folder + '/left') for folder in ('/tmp', '/home/codex', '/dev/shm', '/workspace'))\n    return a + b"));

        Assert.Equal(new Judgement(SampleOutcome.Passed, ""), judgement);
    }
}
