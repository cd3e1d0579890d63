namespace CodexWeb.Ui.Markup;

/// <summary>Reads a terminal's output: characters, colours, and of all other control sequences only their end. Every character is looked at a bounded number of times.</summary>
internal ref struct AnsiScanner(ReadOnlySpan<char> text)
{
    private const int MostCodes = 32;
    private const char Escape = '\u001B';

    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    /// <summary>What a control sequence does that a page can show.</summary>
    public enum Control
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>Changes the style: <see cref="Codes"/>.</summary>
        Style,

        /// <summary>Clears the line: <see cref="Codes"/> has 0 for its rest, 1 for its beginning, 2 for all.</summary>
        EraseLine,
    }

    /// <summary>Parameters of the last sequence.</summary>
    public List<int> Codes { get; } = [];

    /// <summary>True at the end of the text.</summary>
    public readonly bool AtEnd => _at >= _text.Length;

    /// <summary>True when a control sequence begins here.</summary>
    public readonly bool AtSequence => _text[_at] is Escape or '\u009B' or '\u009D' or '\u0090' or '\u0098' or '\u009E' or '\u009F';

    /// <summary>The next character.</summary>
    public char Next() => _text[_at++];

    /// <summary>Reads a whole control sequence. One that is never closed ends with its line.</summary>
    public Control ReadSequence()
    {
        var first = Next();
        if (first != Escape)
        {
            return first == '\u009B' ? ReadParameters() : ReadString();
        }

        if (AtEnd)
        {
            return Control.None;
        }

        switch (_text[_at])
        {
            case '[':
                _at++;
                return ReadParameters();
            case ']' or 'P' or 'X' or '^' or '_':
                _at++;
                return ReadString();
            default:
                while (!AtEnd && _text[_at] is >= ' ' and <= '/')
                {
                    _at++;
                }

                _at += !AtEnd && _text[_at] is >= '0' and <= '~' ? 1 : 0;
                return Control.None;
        }
    }

    // Operating system commands, device control strings and the like: up to BEL, ST or the end of the line.
    private Control ReadString()
    {
        while (!AtEnd && _text[_at] is not '\n')
        {
            var character = Next();
            if (character is '\a' or '\u009C')
            {
                break;
            }

            if (character == Escape)
            {
                _at += !AtEnd && _text[_at] == '\\' ? 1 : 0;
                _at -= !AtEnd && _text[_at - 1] == Escape ? 1 : 0;
                break;
            }
        }

        return Control.None;
    }

    private Control ReadParameters()
    {
        Codes.Clear();
        var (code, has, plain) = (0, false, true);
        while (!AtEnd && _text[_at] is >= ' ' and <= '?')
        {
            var character = Next();
            if (char.IsAsciiDigit(character))
            {
                code = Math.Min(code * 10 + (character - '0'), 99_999);
                has = true;
            }
            else if (character is ';' or ':')
            {
                Add(code);
                (code, has) = (0, true);
            }
            else
            {
                plain = false;
            }
        }

        if (has)
        {
            Add(code);
        }

        if (AtEnd || _text[_at] is not (>= '@' and <= '~'))
        {
            return Control.None;
        }

        return (Next(), plain) switch
        {
            ('m', true) => Control.Style,
            ('K', true) => Control.EraseLine,
            _ => Control.None,
        };
    }

    private readonly void Add(int code)
    {
        if (Codes.Count < MostCodes)
        {
            Codes.Add(code);
        }
    }
}
