using System.Text;

namespace CodexWeb.Review;

/// <summary>Reads the paths of a patch: with a prefix <c>a/</c> or <c>b/</c>, and in C's quotes with octal escapes where they hold unusual bytes.</summary>
internal static class PatchPath
{
    /// <summary>The two names of a <c>diff --git</c> line. Unquoted names with spaces can be told apart only when they are the same; else the headers below that line name them.</summary>
    public static (string Old, string New) OfHeader(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith("\""u8))
        {
            var end = EndOfQuotes(header);
            var second = header[Math.Min(header.Length, end + 1)..];
            return (WithoutPrefix(Unquote(header[..end])), Read(second.StartsWith(" "u8) ? second[1..] : second));
        }

        if (header.IndexOf(" \""u8) is >= 0 and var quoted)
        {
            return (Read(header[..quoted]), Read(header[(quoted + 1)..]));
        }

        // Two names of one length with a space between them.
        var half = (header.Length - 1) / 2;
        if (header.Length % 2 == 1 && header[half] == (byte)' ')
        {
            var (left, right) = (Read(header[..half]), Read(header[(half + 1)..]));
            if (string.Equals(left, right, StringComparison.Ordinal))
            {
                return (left, right);
            }
        }

        var middle = header.IndexOf(" b/"u8);
        return middle < 0 ? (Read(header), Read(header)) : (Read(header[..middle]), Read(header[(middle + 1)..]));
    }

    /// <summary>One path with its prefix.</summary>
    public static string Read(ReadOnlySpan<byte> path) => WithoutPrefix(ReadPlain(path));

    /// <summary>One path that has no prefix.</summary>
    public static string ReadPlain(ReadOnlySpan<byte> path)
    {
        // Git ends a name that holds spaces by a tab.
        path = path.TrimEnd("\t\r"u8);
        return path.StartsWith("\""u8) ? Unquote(path[..EndOfQuotes(path)]) : Encoding.UTF8.GetString(path);
    }

    private static string WithoutPrefix(string path) =>
        path.StartsWith("a/", StringComparison.Ordinal) || path.StartsWith("b/", StringComparison.Ordinal) ? path[2..] : path;

    /// <summary>Where the closing quote is, or the end when there is none.</summary>
    private static int EndOfQuotes(ReadOnlySpan<byte> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\')
            {
                i++;
            }
            else if (text[i] == (byte)'"')
            {
                return i;
            }
        }

        return text.Length;
    }

    private static string Unquote(ReadOnlySpan<byte> quoted)
    {
        var bytes = new List<byte>(quoted.Length);
        for (var i = 1; i < quoted.Length; i++)
        {
            if (quoted[i] != (byte)'\\' || i + 1 == quoted.Length)
            {
                bytes.Add(quoted[i]);
            }
            else if (quoted[++i] is >= (byte)'0' and <= (byte)'7')
            {
                var value = 0;
                var end = Math.Min(quoted.Length, i + 3);
                for (; i < end && quoted[i] is >= (byte)'0' and <= (byte)'7'; i++)
                {
                    value = (value * 8) + (quoted[i] - '0');
                }

                bytes.Add((byte)value);
                i--;
            }
            else
            {
                bytes.Add(Escape(quoted[i]));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static byte Escape(byte letter) => letter switch
    {
        (byte)'a' => 7,
        (byte)'b' => 8,
        (byte)'t' => 9,
        (byte)'n' => 10,
        (byte)'v' => 11,
        (byte)'f' => 12,
        (byte)'r' => 13,
        _ => letter,
    };
}
