using System.Text;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using CodexWeb.Tasks;
using CodexWeb.Tests.Data;
using CodexWeb.Tests.Models;
using CodexWeb.Tests.Workspaces;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tests.Tasks;

public sealed class AttachmentsTests : IAsyncLifetime
{
    private readonly TestDatabase _database = new();
    private readonly TestGround _ground = new();
    private readonly ManualClock _clock = new();
    private readonly WriteGate _gate = new();

    private AttachmentFiles Files => new(_ground.Paths, new ShownFiles(_ground.Paths, _ground.Account));

    private Attachments Store => new(_database, _gate, Files, _clock);

    [Fact]
    public async Task Kind_and_size_come_from_the_content_and_the_name_is_one_harmless_segment()
    {
        var png = await AddAsync("../../etc/evil\u202Egnp.svg", Pictures.Png(3, 2));
        var svg = await AddAsync("picture.png", Encoding.UTF8.GetBytes("<svg onload='alert(1)'/>"));

        Assert.Equal(("evil_gnp.svg", "image/png", 3, 2), (png.Name, png.MediaType, png.Width, png.Height));
        Assert.Equal(("picture.png", "text/plain", null), (svg.Name, svg.MediaType, svg.Width));
    }

    [Theory]
    [InlineData("", "file")]
    [InlineData("..", "file")]
    [InlineData("C:\\Users\\ada\\notes.txt", "notes.txt")]
    [InlineData("a\nb\0c.txt", "a_b_c.txt")]
    [InlineData("`rm`.png", "_rm_.png")]
    [InlineData("Übersicht 2.pdf", "Übersicht 2.pdf")]
    public void Names_are_cleaned(string given, string name) => Assert.Equal(name, AttachmentContent.NameOf(given));

    [Fact]
    public void A_long_name_keeps_its_extension_and_fits_a_file_system()
    {
        var name = AttachmentContent.NameOf(string.Concat(Enumerable.Repeat("😀", 300)) + ".jpeg");

        Assert.EndsWith("😀.jpeg", name, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(name), 100, 200);
    }

    [Fact]
    public async Task Sent_files_get_names_that_are_unique_in_their_task_and_lie_where_its_sandboxes_see_them()
    {
        var first = await AddAsync("image.png", Pictures.Png(1, 1));
        var second = await AddAsync("image.png", Pictures.Png(2, 2));
        var task = await TaskAsync();

        await ClaimAsync(task, first.Id);
        await ClaimAsync(task, second.Id);

        var mount = Files.Mount(task);
        Assert.Equal("/attachments", mount.SandboxPath);
        Assert.Equal(["image-2.png", "image.png"], Directory.GetFiles(mount.HostPath).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(Pictures.Png(2, 2), await File.ReadAllBytesAsync(Path.Combine(mount.HostPath, "image-2.png")));
        Assert.Equal(Pictures.Png(1, 1).Length + Pictures.Png(2, 2).Length, Files.DeleteTask(task));
        Assert.False(Directory.Exists(mount.HostPath));
    }

    [Fact]
    public async Task A_file_goes_with_one_message_only()
    {
        var file = await AddAsync("a.txt", "a"u8.ToArray());
        await ClaimAsync(await TaskAsync(), file.Id);

        Assert.Contains("Attach it again", await Store.ProblemAsync([file.Id], default), StringComparison.Ordinal);
        await Assert.ThrowsAsync<AttachmentsGoneException>(async () => await ClaimAsync(await TaskAsync(), file.Id));
        Assert.IsType<CommandResult<Nothing>.NotFound>(await Store.RemoveAsync(file.Id, default));
    }

    [Fact]
    public async Task What_was_never_sent_goes_after_a_day_and_what_a_crash_left_behind_is_put_in_its_place()
    {
        var forgotten = await AddAsync("a.txt", "a"u8.ToArray());
        var sent = await AddAsync("b.txt", "b"u8.ToArray());
        var task = await TaskAsync();
        await ClaimAsync(task, place: false, sent.Id);
        foreach (var draft in Directory.GetFiles(Path.Combine(_ground.Paths.DataDirectory, "attachments", "drafts")))
        {
            File.SetLastWriteTimeUtc(draft, _clock.GetUtcNow().UtcDateTime);
        }

        _clock.Advance(TimeSpan.FromHours(25));

        Assert.Equal(1, await Store.TidyAsync(default));
        Assert.Null(await Store.OpenAsync(forgotten.Id, default));
        Assert.Equal(["b.txt"], Directory.GetFiles(Files.Mount(task).HostPath).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_is_too_large_empty_or_damaged_is_refused_by_name()
    {
        var large = await Store.AddAsync("big.bin", new MemoryStream(new byte[Attachments.MaxBytes + 1]), "ada", default);
        var empty = await Store.AddAsync("none.txt", Stream.Null, "ada", default);
        var wide = await Store.AddAsync("wide.gif", new MemoryStream(Pictures.Gif(20_000, 5)), "ada", default);

        Assert.StartsWith("big.bin is larger than 20 MiB.", large.Problem(), StringComparison.Ordinal);
        Assert.Equal("none.txt is empty.", empty.Problem());
        Assert.StartsWith("wide.gif: The image is 20000 × 5 pixels", wide.Problem(), StringComparison.Ordinal);
        await using var db = _database.CreateDbContext();
        Assert.Equal(0, await db.Attachments.CountAsync());
    }

    [Theory]
    [InlineData("data:image/svg+xml;base64,PHN2Zy8+", "PNG, JPEG, GIF or WebP")]
    [InlineData("https://example.com/a.png", "data address")]
    [InlineData("data:image/png;base64,***", "data address")]
    public async Task Of_images_by_data_address_none_stays_when_one_is_refused(string second, string reason)
    {
        var good = $"data:image/png;base64,{Convert.ToBase64String(Pictures.Png(2, 2))}";

        var result = await new AttachedImages(Store).AddAsync([good, second], "ada", default);

        Assert.Contains(reason, result.ProblemOf("images[1]"), StringComparison.Ordinal);
        await using var db = _database.CreateDbContext();
        Assert.Equal(0, await db.Attachments.CountAsync());
    }

    public Task InitializeAsync() => _database.InitializeAsync();

    public async Task DisposeAsync()
    {
        _gate.Dispose();
        _ground.Dispose();
        await _database.DisposeAsync();
    }

    private async Task<AttachmentView> AddAsync(string name, byte[] bytes) =>
        Assert.IsType<CommandResult<AttachmentView>.Done>(await Store.AddAsync(name, new MemoryStream(bytes), "ada", default)).Value;

    private Task ClaimAsync(TaskId task, params AttachmentId[] ids) => ClaimAsync(task, place: true, ids);

    private async Task ClaimAsync(TaskId task, bool place, params AttachmentId[] ids)
    {
        await using var db = _database.CreateDbContext();
        await Store.ClaimAsync(db, task, ids);
        await db.SaveChangesAsync();
        foreach (var sent in place ? await db.Attachments.Where(a => a.TaskId == task).ToListAsync() : [])
        {
            Files.Place(sent);
        }
    }

    private async Task<TaskId> TaskAsync()
    {
        await using var db = _database.CreateDbContext();
        var repository = Repository.Connect(Id.New<RepositoryId>(_clock), "r", $"/r/{Guid.NewGuid()}", "main", sample: false, _clock.GetUtcNow());
        var environment = CodexEnvironment.Create(repository.Id, "Default", _clock);
        var task = CodexTask.Start(repository.Id, environment.Id, "t", TaskMode.Code, "main", "codexweb/t", reasoningEffort: null, "ada", _clock);
        db.AddRange(repository, environment, task);
        await db.SaveChangesAsync();
        return task.Id;
    }
}
