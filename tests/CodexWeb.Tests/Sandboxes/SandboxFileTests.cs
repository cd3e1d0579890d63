using System.Text;
using CodexWeb.Agent.Sandboxes;

namespace CodexWeb.Tests.Sandboxes;

public sealed class SandboxFileTests : IAsyncLifetime
{
    private readonly SandboxRig rig = new();
    private ISandbox sandbox = null!;

    public async Task InitializeAsync() => sandbox = await rig.StartAsync(spec => spec with { Workspace = rig.Overlay });

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task A_file_is_read_with_its_mode_and_its_real_path()
    {
        await sandbox.RunAsync("mkdir -p deep/er; printf content > deep/er/file; chmod 750 deep/er/file; ln -s deep/er link");

        Assert.Equal(
            ("Regular", "content", Convert.ToInt32("750", 8), "/workspace/deep/er/file"),
            Describe(await sandbox.ReadFileAsync("link/../er/file", 100, CancellationToken.None)));
        Assert.Equal(
            ("Regular", "content", Convert.ToInt32("750", 8), "/workspace/deep/er/file"),
            Describe(await sandbox.ReadFileAsync("/workspace/link/file", 7, CancellationToken.None)));
    }

    [Theory]
    [InlineData("nothing/here", SandboxFileKind.Missing, "/workspace/nothing/here")]
    [InlineData("link/new", SandboxFileKind.Missing, "/workspace/folder/new")]
    [InlineData("base.txt/x", SandboxFileKind.Missing, "/workspace/base.txt/x")]
    [InlineData("dangling", SandboxFileKind.Missing, "/etc/nowhere")]
    [InlineData("outside", SandboxFileKind.Regular, "/etc/passwd")]
    [InlineData("folder", SandboxFileKind.Directory, "/workspace/folder")]
    [InlineData("", SandboxFileKind.Directory, "/workspace")]
    [InlineData("large", SandboxFileKind.TooLarge, "/workspace/large")]
    [InlineData("fifo", SandboxFileKind.Other, "/workspace/fifo")]
    [InlineData("secret", SandboxFileKind.Other, "/workspace/secret")]
    [InlineData("round", SandboxFileKind.Other, "/workspace/round")]
    [InlineData("/dev/zero", SandboxFileKind.Other, "/dev/zero")]
    [InlineData("/proc/self/environ", SandboxFileKind.Other, "/proc/1/environ")]
    public async Task What_is_at_a_path_is_said(string path, SandboxFileKind kind, string realPath)
    {
        await sandbox.RunAsync(
            "mkdir folder; ln -s folder link; ln -s /etc/nowhere dangling; ln -s /etc/passwd outside; head -c 5000 /dev/zero > large; mkfifo fifo; "
            + "touch secret; chmod 0 secret; ln -s round round");

        var file = await sandbox.ReadFileAsync(path, 4000, CancellationToken.None);

        Assert.Equal((kind, realPath), (file.Kind, file.RealPath));
    }

    [Fact]
    public async Task A_large_file_comes_whole()
    {
        await sandbox.RunAsync("seq 1 1000000 > numbers");

        var file = await sandbox.ReadFileAsync("numbers", 10_000_000, CancellationToken.None);

        Assert.Equal(string.Concat(Enumerable.Range(1, 1_000_000).Select(number => $"{number}\n")), Encoding.UTF8.GetString(file.Content.Span));
    }

    [Fact]
    public async Task Changes_are_made_in_order_and_keep_modes_and_links()
    {
        await sandbox.RunAsync("printf old > script; chmod 755 script; printf x > gone; printf a > target; ln -s target link; printf f > was-file");

        await sandbox.ChangeFilesAsync(
            [
                new SandboxFileChange.Write("script", "new"u8.ToArray()),
                new SandboxFileChange.Write("made/up/file", "ü"u8.ToArray(), Convert.ToInt32("600", 8)),
                new SandboxFileChange.Delete("gone"),
                new SandboxFileChange.Write("link", "b"u8.ToArray()),
                new SandboxFileChange.Delete("was-file"),
                new SandboxFileChange.Write("was-file/inside", "i"u8.ToArray()),
            ],
            CancellationToken.None);

        var result = await sandbox.RunAsync("find . -mindepth 1 -printf '%P %y %m %l\\n' | sort; cat script made/up/file target was-file/inside");
        Assert.Equal(
            """
            base.txt f 644 
            link l 777 target
            made d 755 
            made/up d 755 
            made/up/file f 600 
            script f 755 
            target f 644 
            was-file d 755 
            was-file/inside f 644 
            newübi
            """,
            result.Output);
    }

    [Fact]
    public async Task The_first_failure_undoes_all_and_names_the_path()
    {
        await sandbox.RunAsync("printf one > one; chmod 700 one; printf two > two; mkdir folder");
        const string look = "find . -mindepth 1 -printf '%P %y %m\\n' | sort; cat one two";
        var before = await sandbox.RunAsync(look);

        var exception = await Assert.ThrowsAsync<SandboxException>(() => sandbox.ChangeFilesAsync(
            [
                new SandboxFileChange.Write("one", "changed"u8.ToArray()),
                new SandboxFileChange.Delete("two"),
                new SandboxFileChange.Write("two/three/four", "new"u8.ToArray()),
                new SandboxFileChange.Write("folder", "cannot"u8.ToArray()),
            ],
            CancellationToken.None));

        Assert.Equal("folder: It is a folder.", exception.Message);
        Assert.Equal(before.Output, (await sandbox.RunAsync(look)).Output);
    }

    [Fact]
    public async Task A_change_waits_for_no_fifo_and_reaches_no_device()
    {
        await sandbox.RunAsync("mkfifo fifo; ln -s /dev/null null");

        foreach (var path in (string[])["fifo", "null", "/dev/null"])
        {
            var exception = await Assert.ThrowsAsync<SandboxException>(
                () => sandbox.ChangeFilesAsync([new SandboxFileChange.Write(path, "x"u8.ToArray())], CancellationToken.None));
            Assert.Equal($"{path}: It is not a regular file.", exception.Message);
        }
    }

    private static (string Kind, string Content, int Mode, string RealPath) Describe(SandboxFile file)
        => (file.Kind.ToString(), Encoding.UTF8.GetString(file.Content.Span), file.Mode, file.RealPath);
}
