using System.Globalization;

namespace CodexWeb.Agent.Tools;

/// <summary>Where the whole output of one command goes. Full or broken, it says so and the command goes on.</summary>
internal sealed class OutputFile : IAsyncDisposable
{
    private const string NotKept = "The whole output could not be kept: ";

    private readonly Stream _stream;
    private readonly long _maxBytes;
    private long _left;

    /// <summary>Takes a stream over.</summary>
    /// <param name="stream">Disposed with this.</param>
    /// <param name="maxBytes">What comes after is not kept.</param>
    public OutputFile(Stream stream, long maxBytes) => (_stream, _maxBytes, _left) = (stream, maxBytes, maxBytes);

    /// <summary>Opens the place for an item's output; a place that cannot be opened is a gap, not an error.</summary>
    public static OutputFile Open(AgentTurn turn, string itemId)
    {
        try
        {
            return new OutputFile(turn.OpenOutput(itemId), turn.Limits.OutputBytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new OutputFile(Stream.Null, turn.Limits.OutputBytes) { Gap = NotKept + exception.Message };
        }
    }

    /// <summary>Why the file does not hold everything, in a sentence for people; null while it does.</summary>
    public string? Gap { get; private set; }

    /// <summary>Writes as much as has room.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (Gap is not null)
        {
            return;
        }

        try
        {
            var room = (int)Math.Min(bytes.Length, _left);
            await _stream.WriteAsync(bytes[..room], cancellationToken);
            _left -= room;
            if (room < bytes.Length)
            {
                Gap = string.Create(CultureInfo.InvariantCulture, $"Only the first {_maxBytes >> 20} MiB of the output were kept.");
                await _stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"\n[{Gap}]\n"), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Gap = NotKept + exception.Message;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.DisposeAsync();
        }
        catch (IOException exception)
        {
            Gap ??= NotKept + exception.Message;
        }
    }
}
