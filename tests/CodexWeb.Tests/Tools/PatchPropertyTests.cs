using System.Text;
using CodexWeb.Agent.Sandboxes;
using CodexWeb.Agent.Tools;
using FsCheck;
using FsCheck.Fluent;

namespace CodexWeb.Tests.Tools;

/// <summary>Patches made from generated edits.</summary>
public sealed class PatchPropertyTests
{
    // Few words, so that lines repeat; some differ by white space and look-alikes alone.
    private static readonly string[] Words = ["", "a", "a ", " a", "b", "b - b", "b – b", "}", "    }", "\"c\"", "“c”", "long line of text", "*** End of File", "@@ x", "+", "-"];

    private static readonly Gen<(Edit[] Lines, string Ending, bool Mark)> Edits =
        from count in Gen.Choose(1, 30)
        from lines in EditGen.ArrayOf(count)
        from ending in Gen.Elements("\n", "\r\n")
        from mark in Gen.Elements(true, false)
        select (lines, ending, mark);

    private static Gen<Edit> EditGen =>
        from keeps in Gen.Choose(0, 9)
        from old in Gen.Elements(Words)
        from added in Gen.Elements(Words).ListOf()
        select keeps < 7 ? new Edit(old, old, []) : keeps < 8 ? new Edit(old, null, []) : new Edit(old, old, [.. added.Take(3)]);

    [Fact]
    public void An_edit_written_as_a_patch_of_the_whole_file_makes_the_edited_file() =>
        Prop.ForAll(Edits.ToArbitrary(), edit =>
        {
            var body = string.Concat(edit.Lines.Select(line => Changed(line)));
            var files = new MemoryFiles(Old(edit.Lines, edit.Ending, edit.Mark));
            PatchApplier.ApplyAsync($"*** Begin Patch\n*** Update File: f\n{body}*** End of File\n*** End Patch", files, CancellationToken.None).GetAwaiter().GetResult();
            return New(edit.Lines, edit.Ending, edit.Mark).SequenceEqual(files.Content);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_edit_written_in_chunks_with_unique_lines_makes_the_edited_file() =>
        Prop.ForAll(Edits.ToArbitrary(), edit =>
        {
            var lines = edit.Lines.Select((line, i) => new Edit($"{i}: {line.Old}", line.New is null ? null : $"{i}: {line.New}", line.Added)).ToArray();
            var body = string.Concat(lines.Where(line => line.New is null || line.Added.Length > 0).Select(line => $"@@\n{Changed(line)}"));
            if (body.Length == 0)
            {
                return true;
            }

            var files = new MemoryFiles(Old(lines, edit.Ending, edit.Mark));
            PatchApplier.ApplyAsync($"*** Begin Patch\n*** Update File: f\n{body}*** End Patch", files, CancellationToken.None).GetAwaiter().GetResult();
            return New(lines, edit.Ending, edit.Mark).SequenceEqual(files.Content);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_is_applied_or_refused_with_nothing_changed() =>
        Prop.ForAll(Gen.Elements([.. Words, "*** Begin Patch", "*** End Patch", "*** Update File: f", "*** Delete File: f", "*** Add File: f", "*** Move to: g", "@@", "+x", "-a", " b"]).ListOf().ToArbitrary(), lines =>
        {
            var old = "a\nb\n}\n"u8.ToArray();
            var files = new MemoryFiles(old);
            try
            {
                PatchApplier.ApplyAsync($"*** Begin Patch\n*** Update File: f\n{string.Join('\n', lines)}\n*** End Patch", files, CancellationToken.None).GetAwaiter().GetResult();
                return true;
            }
            catch (PatchException)
            {
                return files.Writes == 0 && old.SequenceEqual(files.Content);
            }
        }).QuickCheckThrowOnFailure();

    private static string Changed(Edit line) =>
        $"{(line.New is null ? '-' : ' ')}{line.Old}\n{string.Concat(line.Added.Select(added => $"+{added}\n"))}";

    private static byte[] Old(Edit[] lines, string ending, bool mark) => Bytes(lines.Select(line => line.Old), ending, mark);

    private static byte[] New(Edit[] lines, string ending, bool mark) => Bytes(lines.SelectMany(line => (string[])[.. line.New is null ? [] : new[] { line.New }, .. line.Added]), ending, mark);

    private static byte[] Bytes(IEnumerable<string> lines, string ending, bool mark)
    {
        var text = string.Concat(lines.Select(line => line + ending));
        return Encoding.UTF8.GetBytes(mark && text.Length > 0 ? "\uFEFF" + text : text);
    }

    /// <summary>One line of the file and what becomes of it.</summary>
    /// <param name="New">Null when the line goes.</param>
    /// <param name="Added">Lines put in after it.</param>
    private sealed record Edit(string Old, string? New, string[] Added);

    /// <summary>One file, <c>f</c>, in memory.</summary>
    private sealed class MemoryFiles(byte[] content) : IPatchFiles
    {
        public string? Root => null;

        public byte[] Content { get; private set; } = content;

        public int Writes { get; private set; }

        public Task<PatchFile> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken) => Task.FromResult(path is "f"
            ? new PatchFile(SandboxFileKind.Regular, Content, 0, path, path)
            : new PatchFile(SandboxFileKind.Missing, default, 0, path, path));

        public Task ChangeAsync(IReadOnlyList<SandboxFileChange> changes, CancellationToken cancellationToken)
        {
            foreach (var write in changes.OfType<SandboxFileChange.Write>().Where(write => write.Path is "f"))
            {
                Content = write.Content.ToArray();
            }

            Writes += changes.Count;
            return Task.CompletedTask;
        }
    }
}
