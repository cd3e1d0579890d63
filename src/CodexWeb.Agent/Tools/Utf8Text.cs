using System.Text;

namespace CodexWeb.Agent.Tools;

/// <summary>Makes text of bytes that may be anything.</summary>
internal static class Utf8Text
{
    /// <summary>Valid text for any bytes.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) => ShowNuls(Encoding.UTF8.GetString(bytes));

    /// <summary>NUL as the sign U+2400, for it ends texts in many a program.</summary>
    public static string ShowNuls(string text) => text.Replace('\0', '\u2400');

    /// <summary>How many bytes can be decoded without cutting a character at the end.</summary>
    public static int CompleteLength(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var lead = bytes[^back];
            if (lead >= 0b1100_0000)
            {
                var needs = lead >= 0b1111_0000 ? 4 : lead >= 0b1110_0000 ? 3 : 2;
                return back < needs ? bytes.Length - back : bytes.Length;
            }

            if (lead < 0b1000_0000)
            {
                break;
            }
        }

        return bytes.Length;
    }

    /// <summary>Where the first whole character begins.</summary>
    public static int FirstStart(ReadOnlySpan<byte> bytes)
    {
        var start = 0;
        while (start < Math.Min(3, bytes.Length) && (bytes[start] & 0b1100_0000) == 0b1000_0000)
        {
            start++;
        }

        return start;
    }
}
