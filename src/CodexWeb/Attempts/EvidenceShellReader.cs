using System.Text;

namespace CodexWeb.Attempts;

/// <summary>A program call and the operator behind it: <c>|</c>, <c>&amp;&amp;</c>, <c>||</c>, <c>;</c>, <c>&amp;</c>, or empty at the end.</summary>
internal sealed record ShellCall(List<string> Words, string After);

/// <summary>Reads shell text into its calls. Quotes are taken off, redirections, here-documents and comments left out; expansions stay as they are written.</summary>
internal sealed class ShellReader(string text)
{
    private readonly List<ShellCall> _calls = [];
    private readonly List<string> _words = [];
    private readonly StringBuilder _word = new();
    private readonly Queue<string> _hereDocuments = new();
    private int _at;
    private bool _inWord;
    private bool _isTarget;
    private bool _isHereDocument;

    /// <summary>All calls of the text.</summary>
    public List<ShellCall> Read()
    {
        while (_at < text.Length)
        {
            ReadNext(text[_at++]);
        }

        EndWord();
        EndCall("");
        return _calls;
    }

    private char Peek => _at < text.Length ? text[_at] : '\0';

    private void ReadNext(char character)
    {
        switch (character)
        {
            case '\'' or '"':
                ReadQuoted(character);
                break;
            case '\\':
                ReadEscaped();
                break;
            case '#' when !_inWord:
                SkipComment();
                break;
            case '>' or '<':
                ReadRedirection(character);
                break;
            case ' ' or '\t' or '\r':
                EndWord();
                break;
            case '\n' or ';' or '|' or '&' or '(' or ')':
                ReadOperator(character);
                break;
            case '{' or '}' when !_inWord && Peek is ' ' or '\n' or ';' or '\0':
                ReadOperator(character);
                break;
            default:
                _word.Append(character);
                _inWord = true;
                break;
        }
    }

    private void ReadQuoted(char quote)
    {
        _inWord = true;
        while (_at < text.Length && text[_at] != quote)
        {
            _at += quote == '"' && text[_at] == '\\' && _at + 1 < text.Length ? 1 : 0;
            _word.Append(text[_at++]);
        }

        _at++;
    }

    private void ReadEscaped()
    {
        if (_at < text.Length && text[_at++] is var escaped and not '\n')
        {
            _word.Append(escaped);
            _inWord = true;
        }
    }

    private void SkipComment()
    {
        while (_at < text.Length && text[_at] != '\n')
        {
            _at++;
        }
    }

    // "2>&1", "> file", "<<'EOF'": the number before and the word behind are no arguments.
    private void ReadRedirection(char character)
    {
        if (_inWord && _word.ToString().All(char.IsAsciiDigit))
        {
            _word.Clear();
            _inWord = false;
        }

        EndWord();
        var start = _at - 1;
        while (Peek is '>' or '<' or '&' or '|')
        {
            _at++;
        }

        _isTarget = true;
        _isHereDocument = character == '<' && _at - start == 2;
        _at += _isHereDocument && Peek == '-' ? 1 : 0;
    }

    private void ReadOperator(char character)
    {
        EndWord();
        var twice = character is '|' or '&' && Peek == character;
        _at += twice || character == '|' && Peek == '&' ? 1 : 0;
        EndCall(character switch
        {
            '\n' => ";",
            '(' or ')' or '{' or '}' => "",
            _ when twice => new string(character, 2),
            _ => character.ToString(),
        });
        if (character == '\n')
        {
            SkipHereDocuments();
        }
    }

    private void SkipHereDocuments()
    {
        while (_hereDocuments.TryDequeue(out var end))
        {
            while (_at < text.Length)
            {
                var newline = text.IndexOf('\n', _at);
                var line = newline < 0 ? text[_at..] : text[_at..newline];
                _at = newline < 0 ? text.Length : newline + 1;
                if (string.Equals(line.Trim('\t', '\r'), end, StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
    }

    private void EndWord()
    {
        if (!_inWord)
        {
            return;
        }

        if (_isHereDocument)
        {
            _hereDocuments.Enqueue(_word.ToString());
        }
        else if (!_isTarget)
        {
            _words.Add(_word.ToString());
        }

        (_inWord, _isTarget, _isHereDocument) = (false, false, false);
        _word.Clear();
    }

    private void EndCall(string after)
    {
        (_isTarget, _isHereDocument) = (false, false);
        if (_words.Count > 0)
        {
            _calls.Add(new ShellCall([.. _words], after));
            _words.Clear();
        }
        else if (after is not ("" or ";") && _calls.Count > 0)
        {
            // What stands behind a group holds for its last call.
            _calls[^1] = _calls[^1] with { After = after };
        }
    }
}
