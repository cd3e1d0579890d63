using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CodexWeb.Evaluation;

/// <summary>What one folder of samples belongs to; another evaluation is refused there.</summary>
/// <param name="Problems">The hash of the problem file.</param>
/// <param name="Model"><c>provider/model</c>, or <see cref="ReferenceModel"/>.</param>
/// <param name="TimeoutSeconds">How long the tests of one sample may take.</param>
/// <param name="WorkMinutes">How long the model may work on one sample; null where it writes functions.</param>
internal sealed record EvaluationIdentity(string Problems, string Model, string? ReasoningEffort, int Samples, double TimeoutSeconds, double? WorkMinutes)
{
    /// <summary>Stands for a model where the problems' own solutions are tried.</summary>
    public const string ReferenceModel = "reference";

    /// <summary>Says what differs.</summary>
    /// <returns>Null when nothing does.</returns>
    public string? Difference(EvaluationIdentity other) =>
        Problems != other.Problems ? "the problem file was another, or was changed since"
        : Model != other.Model ? $"the model was {Model}, not {other.Model}"
        : ReasoningEffort != other.ReasoningEffort ? $"the reasoning effort was {ReasoningEffort ?? "the default"}, not {other.ReasoningEffort ?? "the default"}"
        : Samples != other.Samples ? $"it had {Samples} samples of each problem, not {other.Samples}"
        : !TimeoutSeconds.Equals(other.TimeoutSeconds) ? $"the tests had {TimeoutSeconds} seconds, not {other.TimeoutSeconds}"
        : WorkMinutes.Equals(other.WorkMinutes) ? null
        : $"the model had {WorkMinutes} minutes, not {other.WorkMinutes}";
}

/// <summary>The folder an evaluation keeps its samples in: each is stored as it ends, so that an evaluation which was stopped goes on. One process at a time.</summary>
internal sealed class EvaluationFolder : IDisposable
{
    private readonly FileStream _file;
    private readonly List<Sample> _samples = [];

    private EvaluationFolder(FileStream file) => _file = file;

    /// <summary>The samples so far. One that was tried again stands as it ended last.</summary>
    public IReadOnlyList<Sample> Samples => [.. _samples.GroupBy(static sample => (sample.Problem, sample.Number)).Select(static tries => tries.Last())];

    /// <summary>Opens the folder, new or with what an earlier process left.</summary>
    /// <exception cref="EvaluationException">It cannot be used, is in use, or belongs to another evaluation.</exception>
    public static async Task<EvaluationFolder> OpenAsync(string path, EvaluationIdentity identity, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(path);
            var folder = new EvaluationFolder(new FileStream(Path.Combine(path, "samples.jsonl"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
            try
            {
                await IdentifyAsync(path, identity, cancellationToken);
                await folder.LoadAsync(cancellationToken);
                return folder;
            }
            catch
            {
                folder.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"The samples cannot be kept in {path}: {exception.Message}", exception);
        }
    }

    /// <summary>Stores a sample.</summary>
    /// <exception cref="EvaluationException">It could not be stored.</exception>
    public void Add(Sample sample)
    {
        lock (_samples)
        {
            try
            {
                _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(sample, EvaluationJson.Default.Sample), (byte)'\n']);
                _file.Flush();
            }
            catch (IOException exception)
            {
                throw new EvaluationException($"The samples cannot be kept in {_file.Name}: {exception.Message}", exception);
            }

            _samples.Add(sample);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static async Task IdentifyAsync(string path, EvaluationIdentity identity, CancellationToken cancellationToken)
    {
        var file = Path.Combine(path, "evaluation.json");
        if (!File.Exists(file))
        {
            // As a whole or not at all.
            await File.WriteAllBytesAsync(file + ".new", JsonSerializer.SerializeToUtf8Bytes(identity, EvaluationJson.Default.EvaluationIdentity), cancellationToken);
            File.Move(file + ".new", file);
            return;
        }

        EvaluationIdentity? before;
        try
        {
            before = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file, cancellationToken), EvaluationJson.Default.EvaluationIdentity);
        }
        catch (JsonException)
        {
            before = null;
        }

        if ((before is null ? $"its {Path.GetFileName(file)} cannot be read" : before.Difference(identity)) is { } difference)
        {
            throw new EvaluationException($"{path} holds another evaluation: {difference}. Give this one another folder with --output, or delete that one.");
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var bytes = new byte[_file.Length];
        await _file.ReadExactlyAsync(bytes, cancellationToken);
        // A process that was killed may have left half a line.
        var whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        _file.SetLength(whole);
        _file.Position = whole;
        foreach (var line in Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                _samples.Add(JsonSerializer.Deserialize(line, EvaluationJson.Default.Sample) ?? throw new JsonException("null is no sample"));
            }
            catch (JsonException exception)
            {
                throw new EvaluationException($"{_file.Name} holds a line that is no sample: {exception.Message} Delete the line, or the folder.", exception);
            }
        }
    }
}

/// <summary>The JSON of an evaluation's files.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvaluationIdentity))]
[JsonSerializable(typeof(Sample))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(EvaluationResults))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
