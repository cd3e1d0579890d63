using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;

namespace CodexWeb.Tests.Models;

public sealed class ImageFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("codexweb-images-");

    public static TheoryData<string, byte[]> Kinds => new()
    {
        { "image/png", Pictures.Png(300, 200) },
        { "image/gif", Pictures.Gif(300, 200) },
        { "image/jpeg", Pictures.Jpeg(300, 200) },
        { "image/jpeg", Pictures.Jpeg(300, 200, before: 60_000) },
        { "image/webp", Pictures.WebPLossy(300, 200) },
        { "image/webp", Pictures.WebPLossless(300, 200) },
        { "image/webp", Pictures.WebPExtended(300, 200) },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Kind_and_size_are_read_from_the_content(string mediaType, byte[] bytes) =>
        Assert.Equal(new ImageHeader(mediaType, 300, 200), ImageHeader.Read(bytes));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_header_cut_off_anywhere_or_changed_in_any_byte_ends_in_no_size_or_in_one_never_in_an_error(string mediaType, byte[] bytes)
    {
        for (var length = 0; length < Math.Min(bytes.Length, 200); length++)
        {
            _ = ImageHeader.Read(bytes.AsSpan(0, length));
        }

        for (var at = 0; at < Math.Min(bytes.Length, 200); at++)
        {
            foreach (var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF })
            {
                var changed = bytes.ToArray();
                changed[at] = value;
                Assert.True(ImageHeader.Read(changed) is not { } header || (header.Width > 0 && header.Height > 0), mediaType);
            }
        }
    }

    [Fact]
    public async Task A_kept_image_is_read_back_under_its_hash_and_kept_once()
    {
        var images = Images();
        var bytes = Pictures.Png(12, 34);

        var first = await images.KeepAsync(bytes, CancellationToken.None);
        var second = await images.KeepAsync(bytes, CancellationToken.None);

        Assert.Equal(first, second);
        Assert.Equal(("image/png", 12, 34), (first.MediaType, first.Width, first.Height));
        Assert.Equal(first.Id, Assert.Single(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories).Select(Path.GetFileName)));
        var read = images.Read(first)!;
        Assert.Equal(bytes, read.ToArray());
        Assert.Equal("image/png", read.MediaType);
    }

    [Fact]
    public void What_is_not_there_is_not_read_and_an_id_is_never_a_path()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "secret"), "secret");
        var images = Images();

        Assert.Null(images.Read(new ImageReference(new string('a', 64), "image/png", 1, 1)));
        Assert.Null(images.Read(new ImageReference("../secret", "image/png", 1, 1)));
        Assert.Null(images.Read(new ImageReference(Path.Combine(_folder.FullName, "secret"), "image/png", 1, 1)));
    }

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG, JPEG, GIF or WebP")]
    [InlineData("", "PNG, JPEG, GIF or WebP")]
    [InlineData("GIF89a", "cut off or damaged")]
    public async Task What_is_no_picture_is_refused_with_a_reason(string content, string reason)
    {
        var refused = await Assert.ThrowsAsync<ImageRefusedException>(() => Images().KeepAsync(System.Text.Encoding.UTF8.GetBytes(content), CancellationToken.None));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_large_is_refused_with_its_size()
    {
        var wide = await Assert.ThrowsAsync<ImageRefusedException>(() => Images().KeepAsync(Pictures.Gif(16_385, 10), CancellationToken.None));
        Assert.Contains("16385 × 10 pixels", wide.Message, StringComparison.Ordinal);
        byte[] heavy = [.. Pictures.Png(10, 10), .. new byte[ImageFolder.MaxBytes]];
        var heavyRefused = await Assert.ThrowsAsync<ImageRefusedException>(() => Images().KeepAsync(heavy, CancellationToken.None));
        Assert.Contains("20 MiB", heavyRefused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullName));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private ImageFolder Images() => new(Path.Combine(_folder.FullName, "images"));
}
