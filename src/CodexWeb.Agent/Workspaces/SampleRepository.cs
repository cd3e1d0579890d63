using System.Globalization;
using System.Reflection;
using System.Text;

namespace CodexWeb.Agent.Workspaces;

/// <summary>Makes the sample repository: Basket, a small Perl library with tests, of which one shows a real mistake.</summary>
public sealed class SampleRepository(Git git)
{
    private const string ResourceFolder = "Sample/";
    private const string Author = "Mira Lindqvist <mira@basket.example>";

    // The last commit brings the failing test. Every file of the sample is named exactly once.
    private static readonly Step[] History =
    [
        new("2025-03-03T09:12:00Z", "Count money in whole cents", "Floating point lost a cent on the first invoice.", ".gitignore", "lib/Basket/Money.pm", "t/money.t"),
        new("2025-03-04T14:40:00Z", "Keep a catalogue of articles", "", "lib/Basket/Catalogue.pm", "t/catalogue.t"),
        new("2025-03-06T10:05:00Z", "Grant a discount by quantity", "From 10 pieces on 5 %, from 50 pieces on 10 %, article by article.", "lib/Basket/Discount.pm"),
        new("2025-03-07T16:31:00Z", "Add up a basket", "Tax is rounded once per rate, as the tax office wants it.", "lib/Basket.pm", "t/basket.t"),
        new("2025-03-11T11:20:00Z", "Print a receipt", "", "lib/Basket/Receipt.pm", "t/receipt.t", "script/basket", "examples/school.txt"),
        new("2025-03-12T09:02:00Z", "Explain how to use it and how to work on it", "", "README.md", "AGENTS.md"),
        new("2025-03-18T08:47:00Z", "Test the quantity discount", "A customer who bought exactly 10 notebooks paid the full price. The test shows it.", "t/discount.t"),
    ];

    /// <summary>Makes the repository with its history and its files checked out. No effect when the folder is there already.</summary>
    /// <param name="folder">An absolute path; its parent must exist.</param>
    /// <exception cref="GitException">Git failed; the folder is not made.</exception>
    public async Task CreateAsync(string folder, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var draft = $"{folder}.new-{Guid.NewGuid():N}";
        try
        {
            await git.OutputAsync(new GitCommand(Directory: null, "init", "--quiet", "--template=", "--initial-branch=main", "--", draft), cancellationToken);
            var gitFolder = Path.Combine(draft, ".git");
            await git.OutputAsync(new GitCommand(gitFolder, "fast-import", "--quiet", "--date-format=raw") { Input = FastImportStream() }, cancellationToken);
            await git.OutputAsync(new GitCommand(gitFolder, "--work-tree", draft, "read-tree", "--reset", "-u", "main"), cancellationToken);
            Directory.Move(draft, folder);
        }
        finally
        {
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }
        }
    }

    /// <summary>The history in the format of https://git-scm.com/docs/git-fast-import.</summary>
    private static byte[] FastImportStream()
    {
        using var stream = new MemoryStream();
        void Write(string text) => stream.Write(Encoding.UTF8.GetBytes(text));
        void WriteData(ReadOnlySpan<byte> bytes)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"data {bytes.Length}\n"));
            stream.Write(bytes);
            Write("\n");
        }

        foreach (var step in History)
        {
            var at = DateTimeOffset.Parse(step.At, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
            Write("commit refs/heads/main\n");
            Write(string.Create(CultureInfo.InvariantCulture, $"author {Author} {at} +0100\ncommitter {Author} {at} +0100\n"));
            WriteData(Encoding.UTF8.GetBytes(step.Body.Length == 0 ? step.Subject + "\n" : $"{step.Subject}\n\n{step.Body}\n"));
            foreach (var path in step.Files)
            {
                var mode = path.StartsWith("script/", StringComparison.Ordinal) ? "100755" : "100644";
                Write($"M {mode} inline {path}\n");
                WriteData(Read(path));
            }

            Write("\n");
        }

        return stream.ToArray();
    }

    private static byte[] Read(string path)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourceFolder + path)
            ?? throw new InvalidOperationException($"The sample file {path} is not in the assembly.");
        using var content = new MemoryStream();
        resource.CopyTo(content);
        return content.ToArray();
    }

    private sealed record Step(string At, string Subject, string Body, params string[] Files);
}
