namespace CodexWeb.Agent.Tools;

/// <summary>Applies a patch: every hunk is verified, on top of those before it, before the first file is written.</summary>
public static class PatchApplier
{
    /// <summary>Applies the patch, or changes nothing.</summary>
    /// <param name="patch">The text in the <c>*** Begin Patch</c> format.</param>
    /// <exception cref="PatchException">The patch was refused; the message is for the model.</exception>
    public static async Task<PatchResult> ApplyAsync(string patch, IPatchFiles files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        var plan = new PatchPlan(files, cancellationToken);
        var result = await plan.ReadAsync(PatchParser.Parse(patch));
        await files.ChangeAsync(plan.Changes, cancellationToken);
        return result;
    }

    /// <summary>Says what the patch would do, and writes nothing.</summary>
    /// <param name="patch">The text in the <c>*** Begin Patch</c> format.</param>
    /// <exception cref="PatchException">The patch would be refused; the message is for the model.</exception>
    public static Task<PatchResult> VerifyAsync(string patch, IPatchFiles files, CancellationToken cancellationToken) =>
        new PatchPlan(files, cancellationToken).ReadAsync(PatchParser.Parse(patch));
}
