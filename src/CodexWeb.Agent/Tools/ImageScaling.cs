using System.Globalization;
using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Agent.Tools;

/// <summary>Fits images to what models take, by whatever program the sandbox has for it: the file is hostile, so nothing of the server decodes it.</summary>
internal static class ImageScaling
{
    /// <summary>The longest side, in pixels; a smaller image passes unchanged.</summary>
    public const int LongestSide = 2048;

    private const int NoProgram = 127;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string Script = EmbeddedText.Read("Tools.ScaleImage.sh");

    /// <summary>The fitted image.</summary>
    /// <exception cref="ToolRefusedException">No program for it is in the sandbox, or it failed.</exception>
    /// <exception cref="SandboxException">The sandbox has ended.</exception>
    public static async Task<ReadOnlyMemory<byte>> FitAsync(ISandbox sandbox, string path, ImageReference image, TimeProvider time, CancellationToken cancellationToken)
    {
        var process = await sandbox.StartAsync(
            new SandboxCommand
            {
                Script = $"exec 2>/dev/null\n{Script}",
                Environment = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["IMAGE"] = Path.GetFullPath(path, ISandbox.WorkspacePath),
                    ["SIDE"] = LongestSide.ToString(CultureInfo.InvariantCulture),
                    ["FORMAT"] = image.MediaType is "image/jpeg" ? "jpeg" : "png",
                },
            },
            cancellationToken);
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var bytes = await ReadAsync(process, either.Token);
            var exit = await process.Exit.WaitAsync(either.Token);
            return exit.Code is 0 && ImageHeader.Read(bytes.Span) is { } header && Math.Max(header.Width, header.Height) <= LongestSide ? bytes : throw Failed(image, exit);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolRefusedException($"{Size(image)}, and scaling it down took longer than {Patience.TotalSeconds:0} s. Make a smaller copy and look at that.");
        }
        finally
        {
            await process.SignalAsync(9, CancellationToken.None);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(SandboxProcess process, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await foreach (var piece in process.Output.ReadAllAsync(cancellationToken))
        {
            if (bytes.Length + piece.Length > ImageFolder.MaxBytes)
            {
                throw new ToolRefusedException($"scaled down, it is still larger than {ImageFolder.MaxBytes >> 20} MiB.");
            }

            bytes.Write(piece.Span);
        }

        return bytes.ToArray();
    }

    private static ToolRefusedException Failed(ImageReference image, SandboxExit exit) => new(exit.Code is NoProgram
        ? $"{Size(image)}, and the sandbox has no program to scale it down: install ImageMagick, GraphicsMagick, ffmpeg or Pillow, or make a copy of at most {LongestSide} pixels on each side by other means."
        : $"{Size(image)}, and scaling it down failed: is the file whole? Make a copy of at most {LongestSide} pixels on each side and look at that.");

    private static string Size(ImageReference image) => string.Create(CultureInfo.InvariantCulture, $"it is {image.Width} × {image.Height} pixels");
}
