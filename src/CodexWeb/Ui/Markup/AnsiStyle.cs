namespace CodexWeb.Ui.Markup;

/// <summary>Colours and weight of a piece of a terminal's output, mapped to the 16 colours the page has tokens for.</summary>
/// <param name="Foreground">0 to 15, or null for the text colour.</param>
/// <param name="Background">0 to 15, or null for none.</param>
internal readonly record struct AnsiStyle(byte? Foreground, byte? Background, bool Bold, bool Faint, bool Italic, bool Underlined, bool Inverse, bool Struck)
{
    private static readonly (int R, int G, int B)[] Palette =
    [
        (0, 0, 0), (205, 49, 49), (13, 188, 121), (200, 180, 16), (36, 114, 200), (188, 63, 188), (17, 168, 205), (200, 200, 200),
        (102, 102, 102), (241, 76, 76), (35, 209, 139), (245, 245, 67), (59, 142, 234), (214, 112, 214), (41, 184, 219), (255, 255, 255),
    ];

    /// <summary>The classes, separated by blanks; empty for plain text.</summary>
    public string Classes
    {
        get
        {
            var names = new List<string>();
            var (front, back) = Inverse ? (Background ?? 0, Foreground ?? 7) : ((int?)Foreground, (int?)Background);
            Add(front is not null, $"ansi-fg-{front}");
            Add(back is not null, $"ansi-bg-{back}");
            Add(Bold, "ansi-bold");
            Add(Faint, "ansi-faint");
            Add(Italic, "ansi-italic");
            Add(Underlined, "ansi-underline");
            Add(Struck, "ansi-struck");
            return string.Join(' ', names);

            void Add(bool holds, string name)
            {
                if (holds)
                {
                    names.Add(name);
                }
            }
        }
    }

    /// <summary>The style after the parameters of an SGR sequence; unknown ones change nothing.</summary>
    public AnsiStyle After(ReadOnlySpan<int> codes)
    {
        var style = codes.IsEmpty ? default : this;
        for (var i = 0; i < codes.Length; i++)
        {
            if (codes[i] is 38 or 48)
            {
                var colour = Extended(codes[(i + 1)..], out var used);
                style = codes[i] == 38 ? style with { Foreground = colour } : style with { Background = colour };
                i += used;
            }
            else
            {
                style = style.After(codes[i]);
            }
        }

        return style;
    }

    private AnsiStyle After(int code) => code switch
    {
        0 => default,
        1 => this with { Bold = true },
        2 => this with { Faint = true },
        3 => this with { Italic = true },
        4 or 21 => this with { Underlined = true },
        7 => this with { Inverse = true },
        9 => this with { Struck = true },
        22 => this with { Bold = false, Faint = false },
        23 => this with { Italic = false },
        24 => this with { Underlined = false },
        27 => this with { Inverse = false },
        29 => this with { Struck = false },
        >= 30 and <= 37 => this with { Foreground = (byte)(code - 30) },
        39 => this with { Foreground = null },
        >= 40 and <= 47 => this with { Background = (byte)(code - 40) },
        49 => this with { Background = null },
        >= 90 and <= 97 => this with { Foreground = (byte)(code - 90 + 8) },
        >= 100 and <= 107 => this with { Background = (byte)(code - 100 + 8) },
        _ => this,
    };

    private static byte? Extended(ReadOnlySpan<int> codes, out int used)
    {
        switch (codes)
        {
            case [5, var index, ..]:
                used = 2;
                return Indexed(index);
            case [2, var red, var green, var blue, ..]:
                used = 4;
                return Nearest(red, green, blue);
            default:
                used = codes.Length;
                return null;
        }
    }

    // 16 fixed colours, a cube of 6 × 6 × 6, 24 greys.
    private static byte? Indexed(int index) => index switch
    {
        >= 0 and < 16 => (byte)index,
        < 232 => Nearest(Level((index - 16) / 36), Level((index - 16) / 6 % 6), Level((index - 16) % 6)),
        < 256 => Nearest(8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10),
        _ => null,
    };

    private static int Level(int step) => step == 0 ? 0 : 55 + step * 40;

    private static byte Nearest(int red, int green, int blue)
    {
        var (best, distance) = (0, int.MaxValue);
        for (var i = 0; i < Palette.Length; i++)
        {
            var (r, g, b) = (Palette[i].R - Math.Clamp(red, 0, 255), Palette[i].G - Math.Clamp(green, 0, 255), Palette[i].B - Math.Clamp(blue, 0, 255));
            if (r * r + g * g + b * b < distance)
            {
                (best, distance) = (i, r * r + g * g + b * b);
            }
        }

        return (byte)best;
    }
}
