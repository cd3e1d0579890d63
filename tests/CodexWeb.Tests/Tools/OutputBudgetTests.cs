using System.Diagnostics;
using System.Text;
using CodexWeb.Agent.Tools;

namespace CodexWeb.Tests.Tools;

public sealed class OutputBudgetTests
{
    private static readonly int[] Budgets = [0, 1, 11, 12, 13, 14, 20, 100, 1_000, 10_000];

    [Fact]
    public void Output_within_the_budget_stays_as_it_is()
    {
        var text = "one\r\ntwo\n" + new string('x', 4 * 100 - 9);

        Assert.Equal(text, Cut(text, 100));
        Assert.Equal("", Cut("", 100));
    }

    [Fact]
    public void A_byte_too_many_leaves_head_and_tail_and_the_number_of_tokens_between()
    {
        var text = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"{i:0000}"));

        var cut = Cut(text, 62);

        // 248 bytes less 48 for the mark: 100 for each end.
        Assert.Equal($"{text[..100]}…1950 tokens truncated…{text[^100..]}", cut);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("é")]
    [InlineData("€")]
    [InlineData("😀")]
    [InlineData("a€é😀")]
    public void Characters_are_never_cut_and_the_budget_holds(string character)
    {
        for (var shift = 0; shift < 5; shift++)
        {
            var text = new string('.', shift) + string.Concat(Enumerable.Repeat(character, 50_000));
            foreach (var budget in Budgets)
            {
                var cut = Cut(text, budget);
                Assert.DoesNotContain('\uFFFD', cut);
                Assert.True(budget < 12 || Encoding.UTF8.GetByteCount(cut) <= budget * 4, $"{budget}: {Encoding.UTF8.GetByteCount(cut)}");
                Assert.Contains(" tokens truncated…", cut, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Noise_becomes_text_within_the_budget()
    {
        var noise = new byte[200_000];
        new Random(7).NextBytes(noise);

        var cut = OutputBudget.Cut(KeptOutput.Whole(noise), 10_000);

        Assert.InRange(Encoding.UTF8.GetByteCount(cut), 39_000, 40_000);
        Assert.DoesNotContain('\0', cut);
    }

    [Fact]
    public void A_short_output_that_is_no_text_is_cut_when_its_signs_take_more_than_the_budget() =>
        Assert.Contains(" tokens truncated…", OutputBudget.Cut(KeptOutput.Whole(Enumerable.Repeat((byte)0xFF, 400).ToArray()), 100), StringComparison.Ordinal);

    [Fact]
    public void What_the_buffer_left_out_counts_as_truncated()
    {
        var buffer = new HeadTailBuffer(1_000);
        buffer.Append(Encoding.UTF8.GetBytes("begin" + new string('x', 999_990) + "end!!"));

        // 160 of 400 bytes for the ends: 1,000,000 - 352 shown.
        var cut = OutputBudget.Cut(buffer.Kept(), 100);

        Assert.StartsWith("beginx", cut, StringComparison.Ordinal);
        Assert.EndsWith("xend!!", cut, StringComparison.Ordinal);
        Assert.Contains($"…{(1_000_000 - 352) / 4} tokens truncated…", cut, StringComparison.Ordinal);
    }

    [Fact]
    public void A_character_the_buffer_cut_through_is_left_out()
    {
        var buffer = new HeadTailBuffer(9);
        buffer.Append(Encoding.UTF8.GetBytes("€€€€€€"));

        Assert.Equal("€…3 tokens truncated…€", OutputBudget.Cut(buffer.Kept(), 100));
        Assert.Equal("€\n…12 bytes left out…\n€", buffer.ToString());
    }

    [Theory]
    [InlineData(new string[0], 0)]
    [InlineData(new[] { "" }, 0)]
    [InlineData(new[] { "one" }, 1)]
    [InlineData(new[] { "one\n" }, 1)]
    [InlineData(new[] { "o", "ne\nt", "wo" }, 2)]
    [InlineData(new[] { "\n\n\n" }, 3)]
    public void Lines_are_counted_over_all_pieces(string[] pieces, int lines)
    {
        var buffer = new HeadTailBuffer(4);
        foreach (var piece in pieces)
        {
            buffer.Append(Encoding.UTF8.GetBytes(piece));
        }

        Assert.Equal(lines, buffer.Kept().TotalLines);
        Assert.Equal(lines, KeptOutput.Whole(Encoding.UTF8.GetBytes(string.Concat(pieces))).TotalLines);
    }

    [Fact]
    public void Any_pieces_leave_the_first_and_the_last_bytes()
    {
        var random = new Random(11);
        for (var run = 0; run < 200; run++)
        {
            var half = random.Next(1, 40);
            var buffer = new HeadTailBuffer(half * 2);
            var all = new List<byte>();
            for (var piece = random.Next(0, 12); piece > 0; piece--)
            {
                var bytes = new byte[random.Next(0, 60)];
                random.NextBytes(bytes);
                buffer.Append(bytes);
                all.AddRange(bytes);
            }

            var kept = buffer.Kept();
            Assert.Equal(all.Count, kept.TotalBytes);
            Assert.Equal(all.Count <= half * 2 ? [.. all] : all.Take(half), kept.Head.ToArray());
            Assert.Equal(all.Count <= half * 2 ? [] : all.TakeLast(half), kept.Tail.ToArray());
        }
    }

    [Fact]
    public void A_cleared_buffer_begins_anew()
    {
        var buffer = new HeadTailBuffer(8);
        buffer.Append("0123456789ab\ncd"u8);
        buffer.Clear();
        buffer.Append("xyz"u8);

        Assert.Equal(("xyz", 3L, 1L), (buffer.ToString(), buffer.Kept().TotalBytes, buffer.Kept().TotalLines));
    }

    [Fact]
    public void A_line_of_100_MB_stays_cheap()
    {
        var buffer = new HeadTailBuffer(1 << 20);
        var piece = Enumerable.Repeat((byte)'x', 64 * 1024).ToArray();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 1_600; i++)
        {
            buffer.Append(piece);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 4 << 20);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 5_000);
        Assert.Equal((1_600L * 64 * 1024, 1L), (buffer.Total, buffer.Kept().TotalLines));
        Assert.InRange(OutputBudget.Cut(buffer.Kept(), 10_000).Length, 39_000, 40_000);
    }

    private static string Cut(string text, int tokens) => OutputBudget.Cut(KeptOutput.Whole(Encoding.UTF8.GetBytes(text)), tokens);
}
