namespace CodexWeb.Attempts;

/// <summary>A check found in a command.</summary>
/// <param name="HiddenBy">Why the command's exit code is not the check's, a sentence; null when it is.</param>
internal sealed record RecognisedCheck(CheckKind Kind, string? HiddenBy);

/// <summary>Tells checks from other commands: those that are named, and well-known programs.</summary>
/// <param name="named">Commands that the environment or AGENTS.md names as checks.</param>
internal sealed class EvidenceChecks(IReadOnlyList<string> named)
{
    // Program, and the words one of which must follow it; none for any use of it.
    private static readonly Dictionary<string, (CheckKind Kind, string[] Words)> Programs = new(StringComparer.Ordinal)
    {
        ["ava"] = (CheckKind.Tests, []),
        ["bats"] = (CheckKind.Tests, []),
        ["bazel"] = (CheckKind.Tests, ["test"]),
        ["bun"] = (CheckKind.Tests, ["test"]),
        ["cabal"] = (CheckKind.Tests, ["test"]),
        ["cargo"] = (CheckKind.Tests, ["test", "nextest", "clippy", "check"]),
        ["composer"] = (CheckKind.Tests, ["test", "check"]),
        ["ctest"] = (CheckKind.Tests, []),
        ["deno"] = (CheckKind.Tests, ["test", "lint", "check"]),
        ["dotnet"] = (CheckKind.Tests, ["test"]),
        ["eslint"] = (CheckKind.Analysis, []),
        ["flake8"] = (CheckKind.Analysis, []),
        ["go"] = (CheckKind.Tests, ["test", "vet"]),
        ["golangci-lint"] = (CheckKind.Analysis, ["run"]),
        ["gradle"] = (CheckKind.Tests, ["test", "check"]),
        ["gradlew"] = (CheckKind.Tests, ["test", "check"]),
        ["jest"] = (CheckKind.Tests, []),
        ["just"] = (CheckKind.Tests, ["test", "check", "lint"]),
        ["make"] = (CheckKind.Tests, ["test", "tests", "check", "lint"]),
        ["meson"] = (CheckKind.Tests, ["test"]),
        ["mix"] = (CheckKind.Tests, ["test"]),
        ["mocha"] = (CheckKind.Tests, []),
        ["mvn"] = (CheckKind.Tests, ["test", "verify"]),
        ["mvnw"] = (CheckKind.Tests, ["test", "verify"]),
        ["mypy"] = (CheckKind.Analysis, []),
        ["ninja"] = (CheckKind.Tests, ["test", "check"]),
        ["nox"] = (CheckKind.Tests, []),
        ["npm"] = (CheckKind.Tests, ["test", "t", "lint", "check", "typecheck"]),
        ["phpstan"] = (CheckKind.Analysis, []),
        ["phpunit"] = (CheckKind.Tests, []),
        ["pnpm"] = (CheckKind.Tests, ["test", "lint", "check", "typecheck"]),
        ["prove"] = (CheckKind.Tests, []),
        ["pylint"] = (CheckKind.Analysis, []),
        ["pyright"] = (CheckKind.Analysis, []),
        ["pytest"] = (CheckKind.Tests, []),
        ["rake"] = (CheckKind.Tests, ["test", "spec"]),
        ["rspec"] = (CheckKind.Tests, []),
        ["rubocop"] = (CheckKind.Analysis, []),
        ["ruff"] = (CheckKind.Analysis, ["check"]),
        ["sbt"] = (CheckKind.Tests, ["test"]),
        ["shellcheck"] = (CheckKind.Analysis, []),
        ["stack"] = (CheckKind.Tests, ["test"]),
        ["swift"] = (CheckKind.Tests, ["test"]),
        ["tox"] = (CheckKind.Tests, []),
        ["tsc"] = (CheckKind.Analysis, []),
        ["unittest"] = (CheckKind.Tests, []),
        ["vitest"] = (CheckKind.Tests, []),
        ["yarn"] = (CheckKind.Tests, ["test", "lint", "check", "typecheck"]),
        ["zig"] = (CheckKind.Tests, ["test"]),
    };

    private static readonly HashSet<string> AnalysisWords = new(["clippy", "vet", "lint", "typecheck"], StringComparer.Ordinal);

    // Programs that run the one that follows.
    private static readonly HashSet<string> Runners = new(["time", "nice", "env", "exec", "command", "xvfb-run", "npx", "bunx"], StringComparer.Ordinal);
    private static readonly Dictionary<string, string> RunnerWords = new(StringComparer.Ordinal)
    {
        ["bundle"] = "exec",
        ["poetry"] = "run",
        ["uv"] = "run",
        ["pipenv"] = "run",
        ["hatch"] = "run",
        ["python"] = "-m",
        ["python3"] = "-m",
        ["pnpm"] = "exec",
        ["yarn"] = "exec",
    };

    private static readonly HashSet<string> NotRunning = new(["--help", "-h", "--version", "--list", "--list-tests", "--collect-only", "--listTests"], StringComparer.Ordinal);

    /// <summary>The named checks.</summary>
    public IReadOnlyList<string> Named { get; } = [.. named.Select(Plain).Where(check => check.Length > 0).Distinct(StringComparer.Ordinal)];

    /// <summary>The check a command runs; null when it runs none.</summary>
    public RecognisedCheck? Find(string command)
    {
        if (Named.Contains(Plain(command), StringComparer.Ordinal))
        {
            return new RecognisedCheck(KindOf(command) ?? CheckKind.Other, null);
        }

        foreach (var part in EvidenceShell.Split(command))
        {
            var kind = KindOf(part.Words) ?? (Named.Contains(string.Join(' ', part.Words), StringComparer.Ordinal) ? CheckKind.Other : null);
            if (kind is { } found)
            {
                return new RecognisedCheck(found, part.HiddenBy);
            }
        }

        return null;
    }

    /// <summary>True when a command runs one of the named checks.</summary>
    public bool IsNamed(string command) => Named.Any(check => Runs(command, check));

    /// <summary>True when a command runs a check, alone or among others.</summary>
    public bool Runs(string command, string check) =>
        string.Equals(Plain(command), check, StringComparison.Ordinal) || EvidenceShell.Split(command).Any(part => string.Equals(string.Join(' ', part.Words), check, StringComparison.Ordinal));

    /// <summary>True when a command runs a well-known check.</summary>
    public static bool IsCheck(string command) => KindOf(command) is not null;

    private static CheckKind? KindOf(string command) => EvidenceShell.Split(command).Select(part => KindOf(part.Words)).FirstOrDefault(kind => kind is not null);

    private static CheckKind? KindOf(IReadOnlyList<string> words)
    {
        var rest = Program(words);
        if (rest.Count == 0 || !Programs.TryGetValue(rest[0][(rest[0].LastIndexOf('/') + 1)..], out var known) || rest.Any(NotRunning.Contains))
        {
            return null;
        }

        // A script's name may say more: "npm run test:unit".
        var word = rest.Skip(1).Select(argument => argument.Split(':')[0]).FirstOrDefault(argument => known.Words.Contains(argument, StringComparer.Ordinal));
        return known.Words.Length == 0 ? known.Kind
            : word is null ? null
            : AnalysisWords.Contains(word) ? CheckKind.Analysis
            : known.Kind;
    }

    // The words from the program itself on.
    private static List<string> Program(IReadOnlyList<string> words)
    {
        var rest = words.SkipWhile(IsAssignment).ToList();
        while (rest.Count > 1)
        {
            if (Runners.Contains(rest[0]))
            {
                rest = [.. rest.Skip(1).SkipWhile(word => IsAssignment(word) || word.StartsWith('-'))];
            }
            else if (rest[0] is "timeout")
            {
                rest = [.. rest.Skip(1).SkipWhile(word => word.StartsWith('-') || char.IsAsciiDigit(word[0]))];
            }
            else if (RunnerWords.TryGetValue(rest[0], out var then) && string.Equals(rest[1], then, StringComparison.Ordinal))
            {
                rest = rest[2..];
            }
            else
            {
                break;
            }
        }

        return rest;
    }

    private static bool IsAssignment(string word) => word.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && word.AsSpan(0, at).IndexOfAnyExcept(Letters) < 0;

    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private static string Plain(string command) => string.Join(' ', command.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
