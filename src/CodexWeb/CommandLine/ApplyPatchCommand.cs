using System.CommandLine;
using System.Text;
using CodexWeb.Agent.Tools;

namespace CodexWeb.CommandLine;

/// <summary>
/// <c>CodexWeb apply-patch --root DIR [--check]</c>: applies a patch from standard input. Exit code 0 when it was applied (or would be), 1 when it was refused:
/// the reason is then on standard error and nothing was written.
/// </summary>
public static class ApplyPatchCommand
{
    // UTF-8 takes at most three bytes for one UTF-16 code unit.
    private const int MaxBytes = 3 * PatchParser.MaxLength;

    /// <summary>The command, for the root command.</summary>
    /// <param name="input">Where the patch is read from: standard input.</param>
    public static Command Create(Func<Stream> input)
    {
        var root = new Option<string>("--root") { Description = "The folder whose files the patch changes. Nothing outside it is read or written.", HelpName = "DIR", Required = true };
        var check = new Option<bool>("--check") { Description = "Say whether the patch applies, and write nothing." };
        var command = new Command("apply-patch", "Applies a patch in the '*** Begin Patch' format from standard input, as a whole or not at all.") { root, check };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var terminal = arguments.InvocationConfiguration;
            try
            {
                var patch = await ReadAsync(input, cancellationToken);
                using var files = new LocalPatchFiles(arguments.GetValue(root)!);
                var result = arguments.GetValue(check)
                    ? await PatchApplier.VerifyAsync(patch, files, cancellationToken)
                    : await PatchApplier.ApplyAsync(patch, files, cancellationToken);
                await terminal.Output.WriteLineAsync(arguments.GetValue(check) ? $"The patch applies; nothing was written.{Environment.NewLine}{result.Files}" : result.Text);
                return 0;
            }
            catch (PatchException e)
            {
                await terminal.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static async Task<string> ReadAsync(Func<Stream> open, CancellationToken cancellationToken)
    {
        await using var input = open();
        using var patch = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await input.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            patch.Write(buffer, 0, read);
            if (patch.Length > MaxBytes)
            {
                throw new PatchException($"The patch is longer than {MaxBytes / 1024 / 1024} MiB. Split it into several.");
            }
        }

        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(patch.GetBuffer(), 0, (int)patch.Length);
        }
        catch (DecoderFallbackException)
        {
            throw new PatchException("The patch is not UTF-8 text.");
        }
    }
}
