using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace CodexWeb.Ui.Markup;

/// <summary>A piece of a line that looks the same throughout.</summary>
/// <param name="Text">Hidden characters are written out.</param>
/// <param name="Classes">Classes for its looks, separated by blanks; empty for plain text.</param>
public sealed record AnsiRun(string Text, string Classes);

/// <summary>
/// A terminal's output for a page: colours become classes; a carriage return and a backspace write over what stands there; all else a terminal would obey is left out.
/// Colours end with their line.
/// </summary>
public static class AnsiText
{
    /// <summary>Characters that are shown at most; what comes after is left out, and the page says so.</summary>
    public const int LongestText = 1 << 20;

    /// <summary>The lines of a text. A line end at the very end does not begin another one.</summary>
    public static IReadOnlyList<IReadOnlyList<AnsiRun>> Lines(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = new List<IReadOnlyList<AnsiRun>>();
        var line = new Line();
        var scanner = new AnsiScanner(text.Length <= LongestText ? text : text.AsSpan(0, LongestText));
        while (!scanner.AtEnd)
        {
            if (scanner.AtSequence)
            {
                line.Obey(scanner.ReadSequence(), scanner.Codes);
                continue;
            }

            var character = scanner.Next();
            if (character == '\n')
            {
                lines.Add(line.Runs());
                line.Clear();
            }
            else
            {
                line.Write(character);
            }
        }

        if (!line.IsEmpty)
        {
            lines.Add(line.Runs());
        }

        if (text.Length > LongestText)
        {
            lines.Add([new AnsiRun(string.Create(CultureInfo.InvariantCulture, $"… only the first {LongestText:N0} of {text.Length:N0} characters are shown"), "ansi-faint")]);
        }

        return lines;
    }

    /// <summary>The HTML of a text: spans with classes, and line feeds; to stand within <c>pre</c>.</summary>
    public static string ToHtml(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var html = new StringBuilder(text.Length + text.Length / 4);
        foreach (var line in Lines(text))
        {
            foreach (var run in line)
            {
                Append(html, run);
            }

            html.Append('\n');
        }

        return html.ToString();
    }

    private static void Append(StringBuilder html, AnsiRun run)
    {
        if (run.Classes.Length == 0)
        {
            html.Append(WebUtility.HtmlEncode(run.Text));
            return;
        }

        html.Append("<span class=\"").Append(run.Classes).Append("\">").Append(WebUtility.HtmlEncode(run.Text)).Append("</span>");
    }

    /// <summary>The line under the cursor.</summary>
    private sealed class Line
    {
        private readonly List<(char Character, AnsiStyle Style)> _cells = [];
        private readonly Dictionary<AnsiStyle, string> _classes = [];
        private AnsiStyle _style;
        private int _cursor;

        public bool IsEmpty => _cells.Count == 0;

        public void Clear()
        {
            _cells.Clear();
            (_style, _cursor) = (default, 0);
        }

        public void Write(char character)
        {
            switch (character)
            {
                case '\r':
                    _cursor = 0;
                    break;
                case '\b':
                    _cursor = Math.Max(0, _cursor - 1);
                    break;
                case '\a':
                    break;
                default:
                    Put(character);
                    break;
            }
        }

        public void Obey(AnsiScanner.Control control, List<int> codes)
        {
            if (control is AnsiScanner.Control.Style)
            {
                _style = _style.After(CollectionsMarshal.AsSpan(codes));
            }
            else if (control is AnsiScanner.Control.EraseLine && codes is [] or [0] && _cursor < _cells.Count)
            {
                _cells.RemoveRange(_cursor, _cells.Count - _cursor);
            }
            else if (control is AnsiScanner.Control.EraseLine && codes is [2])
            {
                _cells.Clear();
                _cursor = 0;
            }
        }

        public List<AnsiRun> Runs()
        {
            var runs = new List<AnsiRun>();
            for (var start = 0; start < _cells.Count;)
            {
                var end = start;
                while (end < _cells.Count && _cells[end].Style == _cells[start].Style)
                {
                    end++;
                }

                var text = string.Create(end - start, (_cells, start), static (span, state) =>
                {
                    for (var i = 0; i < span.Length; i++)
                    {
                        span[i] = state._cells[state.start + i].Character;
                    }
                });
                runs.Add(new AnsiRun(PlainText.Reveal(text), ClassesOf(_cells[start].Style)));
                start = end;
            }

            return runs;
        }

        private string ClassesOf(AnsiStyle style) => _classes.TryGetValue(style, out var classes) ? classes : _classes[style] = style.Classes;

        private void Put(char character)
        {
            if (_cursor < _cells.Count)
            {
                _cells[_cursor] = (character, _style);
            }
            else
            {
                _cells.Add((character, _style));
            }

            _cursor++;
        }
    }
}
