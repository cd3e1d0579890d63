using System.IO.Compression;
using System.Text.Json;
using CodexWeb.Evaluation;

namespace CodexWeb.Tests.Evaluation;

/// <summary>Problems in HumanEval's format, written for these tests: helpers in the prompt, floats, tuples, exceptions, in-between prose.</summary>
internal static class OwnProblems
{
    public static FunctionProblem Add { get; } = new(
        "Own/0",
        "def add(a: int, b: int):\n    \"\"\"The sum of two numbers.\n    >>> add(1, 2)\n    3\n    \"\"\"\n",
        "add",
        "METADATA = {'author': 'us'}\n\n\ndef check(candidate):\n    assert candidate(1, 2) == 3\n    assert candidate(5, 7) == 12\n    assert candidate(-1, 1) == 0\n",
        "    return a + b\n");

    public static IReadOnlyList<FunctionProblem> All { get; } =
    [
        Add,
        new(
            "Own/1",
            "import math\nfrom typing import List\n\n\ndef poly(xs: List[float], x: float):\n    \"\"\"The polynomial with these coefficients at x.\"\"\"\n    return sum(c * math.pow(x, i) for i, c in enumerate(xs))\n\n\ndef find_zero(xs: List[float]):\n    \"\"\"A zero of the polynomial.\"\"\"\n",
            "find_zero",
            "def check(candidate):\n    import copy\n    for xs in [[1.5, -3.0], [-6.0, 1.0, 1.0, 2.0]]:\n        x = candidate(copy.deepcopy(xs))\n        assert abs(poly(xs, x)) < 1e-4\n",
            "    low, high = -1.0, 1.0\n    while poly(xs, low) * poly(xs, high) > 0:\n        low, high = low * 2, high * 2\n    while high - low > 1e-10:\n        middle = (low + high) / 2\n        if poly(xs, middle) * poly(xs, low) > 0:\n            low = middle\n        else:\n            high = middle\n    return low\n"),
        new(
            "Own/2",
            "def words(text):\n    \"\"\"How often each word is in the text, and the longest of them (None without one).\"\"\"\n",
            "words",
            "def check(candidate):\n    assert candidate('a b a') == ({'a': 2, 'b': 1}, 'a')\n    assert candidate('') == ({}, None)\n    assert candidate('caffè è') == ({'caffè': 1, 'è': 1}, 'caffè')\n",
            "    from collections import Counter\n    counts = Counter(text.split())\n    return counts, max(counts, key=len, default=None)\n"),
        new(
            "Own/3",
            "def root(number):\n    \"\"\"The whole square root; ValueError below zero.\"\"\"\n",
            "root",
            "def check(candidate):\n    assert candidate(10 ** 40) == 10 ** 20\n    assert candidate(15) == 3\n    try:\n        candidate(-1)\n    except ValueError as e:\n        assert 'below' in str(e)\n    else:\n        assert False, 'no exception'\n",
            "    import math\n    if number < 0:\n        raise ValueError('below zero')\n    return math.isqrt(number)\n"),
        new(
            "Own/4",
            "def encode(text: str):\n    \"\"\"Turns the text around.\"\"\"\n    return text[::-1]\n\n\ndef decode(text: str):\n    \"\"\"Undoes encode.\"\"\"\n",
            "decode",
            "from random import choices\n\n\ndef check(candidate):\n    for _ in range(50):\n        text = ''.join(choices('abcé', k=9))\n        assert candidate(encode(text)) == text\n",
            "    return encode(text)\n"),
    ];

    /// <summary>A file of problems.</summary>
    /// <param name="path">Gzipped when it ends so.</param>
    public static void Write(string path, IEnumerable<FunctionProblem> problems)
    {
        using var file = File.Create(path);
        using var text = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
        foreach (var problem in problems)
        {
            var line = new { task_id = problem.Id, prompt = problem.Prompt, entry_point = problem.EntryPoint, canonical_solution = problem.Solution, test = problem.Test };
            text.Write([.. JsonSerializer.SerializeToUtf8Bytes(line), (byte)'\n']);
        }
    }

    /// <summary>A fenced block.</summary>
    public static string Fenced(string code) => $"Here it is:\n\n```python\n{code.TrimEnd('\n')}\n```\nIt was no trouble.";
}
