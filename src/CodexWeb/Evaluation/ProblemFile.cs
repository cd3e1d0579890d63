using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CodexWeb.Evaluation;

/// <summary>A file of problems: one JSON object on each line, gzipped or not.</summary>
/// <param name="Name">The file's name, for people.</param>
/// <param name="Sha256">Of its text, to know it again.</param>
/// <param name="Problems">All of one kind, in the file's order; at least one.</param>
public sealed record ProblemFile(string Name, string Sha256, IReadOnlyList<Problem> Problems)
{
    private const int MostBytes = 512 << 20;

    /// <summary>Reads one.</summary>
    /// <exception cref="EvaluationException">It is not there, or a line is no problem; the message names the line.</exception>
    public static async Task<ProblemFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] bytes;
        try
        {
            bytes = await BytesAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new EvaluationException($"The problem file cannot be read: {exception.Message}", exception);
        }

        var problems = Parse(bytes, Path.GetDirectoryName(Path.GetFullPath(path))!).ToList();
        if (problems.Count == 0)
        {
            throw new EvaluationException($"{path} holds no problem: it needs one JSON object on each line.");
        }

        if (problems.FirstOrDefault(problem => problem.GetType() != problems[0].GetType()) is { } other)
        {
            throw new EvaluationException($"{path} mixes kinds of problems: '{Shown(problems[0].Id)}' and '{Shown(other.Id)}'. Give each kind a file of its own.");
        }

        return new ProblemFile(Path.GetFileName(path), Convert.ToHexStringLower(SHA256.HashData(bytes)), problems);
    }

    private static async Task<byte[]> BytesAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var start = new byte[2];
        var zipped = await file.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, cancellationToken) == 2 && start is [0x1F, 0x8B];
        file.Position = 0;
        await using var text = zipped ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await text.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            all.Write(buffer, 0, read);
            if (all.Length > MostBytes)
            {
                throw new EvaluationException($"{path} holds more than {MostBytes >> 20} MiB. Split it.");
            }
        }

        return all.ToArray();
    }

    private static IEnumerable<Problem> Parse(byte[] bytes, string folder)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        using var reader = new StreamReader(new MemoryStream(bytes), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            var problem = Read(line, number, folder);
            if (!ids.Add(problem.Id))
            {
                throw At(number, $"the id '{Shown(problem.Id)}' was there before. Each problem needs its own.");
            }

            yield return problem;
        }
    }

    private static Problem Read(string line, int number, string folder)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind is not JsonValueKind.Object ? throw At(number, "it is no JSON object.")
                : json.RootElement.TryGetProperty("entry_point", out _) ? Function(json.RootElement, number)
                : json.RootElement.TryGetProperty("repository", out _) ? Repository(json.RootElement, number, folder)
                : throw At(number, "it is neither a function to write (task_id, prompt, entry_point, test) nor work on a repository (id, repository, commit, prompt, test).");
        }
        catch (JsonException exception)
        {
            throw At(number, $"it is no JSON: {exception.Message}");
        }
    }

    private static FunctionProblem Function(JsonElement json, int number)
    {
        var entryPoint = Text(json, "entry_point", number);
        return entryPoint.All(static character => char.IsLetterOrDigit(character) || character == '_') && !char.IsDigit(entryPoint[0])
            ? new FunctionProblem(Text(json, "task_id", number), Text(json, "prompt", number), entryPoint, Text(json, "test", number), OptionalText(json, "canonical_solution", number))
            : throw At(number, "its entry_point is no name of a Python function.");
    }

    private static RepositoryProblem Repository(JsonElement json, int number, string folder)
    {
        var address = Text(json, "repository", number);
        var beside = Path.Combine(folder, address);
        return new RepositoryProblem(Text(json, "id", number), Directory.Exists(beside) ? beside : address, Text(json, "commit", number), Text(json, "prompt", number), Text(json, "test", number))
        {
            Tests = json.TryGetProperty("tests", out var tests) ? Read(tests, EvaluationJson.Default.ListString, "tests", "a list of paths", number) : [],
            TestFiles = json.TryGetProperty("test_files", out var files) ? Read(files, EvaluationJson.Default.DictionaryStringString, "test_files", "an object of paths and contents", number)
                : new Dictionary<string, string>(StringComparer.Ordinal),
            TestPatch = OptionalText(json, "test_patch", number),
            Control = OptionalText(json, "control", number),
        };
    }

    private static T Read<T>(JsonElement value, JsonTypeInfo<T> type, string name, string form, int number)
    {
        try
        {
            return value.Deserialize(type) ?? throw At(number, $"its field {name} must be {form}.");
        }
        catch (JsonException)
        {
            throw At(number, $"its field {name} must be {form}.");
        }
    }

    private static string Text(JsonElement json, string name, int number) =>
        OptionalText(json, name, number) is { Length: > 0 } text ? text : throw At(number, $"its field {name} is missing or empty.");

    private static string? OptionalText(JsonElement json, string name, int number)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => throw At(number, $"its field {name} must be text."),
        };
    }

    private static EvaluationException At(int number, string problem) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Line {number} of the problem file cannot be used: {problem}"));

    private static string Shown(string id) => string.Concat(id.Take(80).Select(static character => char.IsControl(character) ? '?' : character));
}
