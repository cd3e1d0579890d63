using System.Diagnostics;
using CodexWeb.Ui.Markup;
using FsCheck;
using FsCheck.Fluent;

namespace CodexWeb.Tests.Ui;

public sealed class AnsiTextTests
{
    [Theory]
    [InlineData("plain <b>&", "plain &lt;b&gt;&amp;\n")]
    [InlineData("\e[31mred\e[0m off", "<span class=\"ansi-fg-1\">red</span> off\n")]
    [InlineData("\e[1;4;92mx\e[mx", "<span class=\"ansi-fg-10 ansi-bold ansi-underline\">x</span>x\n")]
    [InlineData("\e[41mx", "<span class=\"ansi-bg-1\">x</span>\n")]
    [InlineData("\e[31;7mx", "<span class=\"ansi-fg-0 ansi-bg-1\">x</span>\n")]
    [InlineData("\e[38;5;9mx\e[38;5;46mx\e[38;5;232mx", "<span class=\"ansi-fg-9\">x</span><span class=\"ansi-fg-2\">x</span><span class=\"ansi-fg-0\">x</span>\n")]
    [InlineData("\e[38;2;250;250;250mx\e[48:2:0:0:0mx", "<span class=\"ansi-fg-15\">x</span><span class=\"ansi-fg-15 ansi-bg-0\">x</span>\n")]
    [InlineData("\e[38;5mx\e[38;9;9mx\e[999mx", "xxx\n")]
    [InlineData("\u009B32mx", "<span class=\"ansi-fg-2\">x</span>\n")]
    public void Colours_become_classes(string text, string html) => Assert.Equal(html, AnsiText.ToHtml(text));

    [Fact]
    public void Colours_end_with_their_line() => Assert.Equal("<span class=\"ansi-fg-1\">a</span>\nb\n", AnsiText.ToHtml("\e[31ma\nb"));

    [Theory]
    [InlineData("10 %\r50 %\r100 %\n", "100 %\n")]
    [InlineData("12345\rab\n", "ab345\n")]
    [InlineData("12345\rab\e[K\n", "ab\n")]
    [InlineData("12345\e[2Kab\n", "ab\n")]
    [InlineData("windows\r\nlines\r\n", "windows\nlines\n")]
    [InlineData("abd\bc\n", "abc\n")]
    [InlineData("\b\b\ba\n", "a\n")]
    [InlineData("\r\r\r\n", "\n")]
    public void A_carriage_return_writes_over_the_line(string text, string shown) => Assert.Equal(shown, AnsiText.ToHtml(text));

    [Theory]
    [InlineData("\e]8;;https://evil.example\e\\link\e]8;;\e\\!", "link!\n")]
    [InlineData("\e]0;title\alink", "link\n")]
    [InlineData("\e]52;c;c2VjcmV0\aclip", "clip\n")]
    [InlineData("\e]0;never closed\nnext", "\nnext\n")]
    [InlineData("\ePq#0;2;0;0;0\e\\x", "x\n")]
    [InlineData("\e_app\e\\\e^pm\e\\\eXsos\e\\x", "x\n")]
    [InlineData("\e]0;a\e[31mx", "<span class=\"ansi-fg-1\">x</span>\n")]
    [InlineData("\u009D0;t\u009Cx", "x\n")]
    [InlineData("a\e[5A\e[3;4Hb\e[2J\e[?25l\e[6nc", "abc\n")]
    [InlineData("\e[31", "")]
    [InlineData("\e[31\nx", "\nx\n")]
    [InlineData("\e", "")]
    [InlineData("\e(Bx\ecx\e=x\e7x", "xxxx\n")]
    [InlineData("\e[?31mx\e[>4;2mx\e[1 mx", "xxx\n")]
    public void What_a_terminal_would_obey_is_left_out(string text, string shown) => Assert.Equal(shown, AnsiText.ToHtml(text));

    [Theory]
    [InlineData("a\u202Egpj.exe", "a‹U+202E›gpj.exe\n")]
    [InlineData("a\u200Bb\uFEFF", "a‹U+200B›b‹U+FEFF›\n")]
    [InlineData("a\0b\u0085", "a␀b‹U+0085›\n")]
    [InlineData("🙂 \u2066", "🙂 ‹U+2066›\n")]
    public void Hidden_characters_are_written_out(string text, string shown) => Assert.Equal(shown, System.Net.WebUtility.HtmlDecode(AnsiText.ToHtml(text)));

    [Fact]
    public void Half_of_a_pair_becomes_the_replacement_character() => Assert.Equal("\uFFFDa", AnsiText.Lines("\uD83Da")[0][0].Text);

    [Fact]
    public void A_sequence_of_ten_megabytes_is_passed_over()
    {
        var lines = AnsiText.Lines("a\e[" + new string('1', 10_000_000) + "mb");

        Assert.Equal("a", lines[0][0].Text);
        Assert.StartsWith("… only the first", lines[^1][0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_output_becomes_spans_with_known_classes_and_no_control_character()
    {
        var pieces = Gen.Elements("\e", "\e[", "\e]", "\eP", "\e\\", "\a", "\r", "\n", "\b", ";", ":", "31", "38;5;", "m", "K", "<script>", "\"", "&", "text", "\u009B", "\u202E", "\0", "🙂", "\uD800");
        Prop.ForAll(pieces.ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            var html = AnsiText.ToHtml(text);
            var body = SafeHtml.Check($"<pre tabindex=\"0\">{html}</pre>");
            Assert.All(body.QuerySelectorAll("span"), span => Assert.Matches("^ansi-[a-z0-9- ]+$", span.ClassName!));
            Assert.DoesNotContain(body.TextContent, character => char.IsControl(character) && character != '\n');
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Theory]
    [InlineData("\e")]
    [InlineData("\e[")]
    [InlineData("\e[1;")]
    [InlineData("\e[31m")]
    [InlineData("\e]0;")]
    [InlineData("\eP")]
    [InlineData("a\r")]
    [InlineData("ab\r\e[K")]
    [InlineData("\b")]
    [InlineData("\e[31ma\e[32mb")]
    [InlineData("\u202E")]
    public void Eight_times_the_output_takes_about_eight_times_as_long(string piece)
    {
        string Text(int length) => string.Concat(Enumerable.Repeat(piece, length / piece.Length));
        AnsiText.ToHtml(Text(1_000));
        var (small, large) = (Text(50_000), Text(400_000));
        double Milliseconds(string text) => Enumerable.Range(0, 5).Min(_ =>
        {
            var watch = Stopwatch.StartNew();
            AnsiText.ToHtml(text);
            return watch.Elapsed.TotalMilliseconds;
        });

        Assert.True(Milliseconds(large) < Math.Max(150, 28 * Milliseconds(small)));
    }

    [Theory]
    [InlineData("plain ünïcödé 漢字 🙂", "plain ünïcödé 漢字 🙂")]
    [InlineData("👩\u200D💻", "👩\u200D💻")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    [InlineData("pay\u200Dpal", "pay‹U+200D›pal")]
    [InlineData("a\u2066b\u2069", "a‹U+2066›b‹U+2069›")]
    [InlineData("\U000E0041x", "‹U+E0041›x")]
    [InlineData("a\nb\tc", "a␊b␉c")]
    public void Names_show_what_they_hide(string name, string shown) => Assert.Equal(shown, PlainText.RevealLine(name));
}
