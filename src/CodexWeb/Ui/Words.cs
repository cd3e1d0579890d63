using System.Globalization;

namespace CodexWeb.Ui;

/// <summary>Numbers, durations, money and dates as the pages say them.</summary>
public static class Words
{
    /// <summary>A duration with as many digits as one cares for: <c>0.04 s</c>, <c>1.3 s</c>, <c>38 s</c>, <c>5 min 58 s</c>, <c>1 h 4 min</c>.</summary>
    public static string Duration(TimeSpan duration)
    {
        var seconds = Math.Max(0, duration.TotalSeconds);
        return seconds switch
        {
            < 0.095 => Format($"{seconds:0.00} s"),
            < 9.95 => Format($"{seconds:0.0} s"),
            < 60 => Format($"{Math.Floor(seconds):0} s"),
            < 3600 => Format($"{(int)seconds / 60} min {(int)seconds % 60} s"),
            _ => Format($"{(long)seconds / 3600} h {(long)seconds % 3600 / 60} min"),
        };
    }

    /// <summary>A running clock, in whole seconds: <c>8 s</c>, <c>1 min 3 s</c>. The browser counts on in the same words.</summary>
    public static string Clock(TimeSpan elapsed) => elapsed.TotalSeconds < 60 ? Format($"{Math.Max(0, (int)elapsed.TotalSeconds)} s") : Duration(elapsed);

    /// <summary>How long ago: <c>now</c>, <c>12 s</c>, <c>3 min</c>, <c>5 h</c>, <c>yesterday</c>, <c>Tue</c>, <c>14 Mar</c>, <c>14 Mar 2025</c>.</summary>
    public static string Age(DateTimeOffset then, DateTimeOffset now)
    {
        var age = now - then;
        var days = (now.UtcDateTime.Date - then.UtcDateTime.Date).Days;
        return age.TotalSeconds switch
        {
            < 5 => "now",
            < 60 => Format($"{(int)age.TotalSeconds} s"),
            < 3600 => Format($"{(int)age.TotalMinutes} min"),
            < 86_400 => Format($"{(int)age.TotalHours} h"),
            _ when days == 1 => "yesterday",
            _ when days < 7 => then.UtcDateTime.ToString("ddd", CultureInfo.InvariantCulture),
            _ when then.Year == now.Year => then.UtcDateTime.ToString("d MMM", CultureInfo.InvariantCulture),
            _ => then.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>The same within a sentence: <c>just now</c>, <c>12 s ago</c>, <c>yesterday</c>, <c>on 14 Mar</c>.</summary>
    public static string Ago(DateTimeOffset then, DateTimeOffset now) => Age(then, now) switch
    {
        "now" => "just now",
        "yesterday" => "yesterday",
        var age when now - then < TimeSpan.FromDays(1) => age + " ago",
        var day => "on " + day,
    };

    /// <summary>The exact time, for a tooltip.</summary>
    public static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("d MMM yyyy, HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Money in US dollars: <c>$0.31</c>, and <c>less than $0.01</c> where two digits would say nothing.</summary>
    public static string Money(decimal dollars) => dollars switch
    {
        0 => "$0.00",
        < 0.01m => "less than $0.01",
        _ => Format($"${dollars:#,0.00}"),
    };

    /// <summary>A number with its digits in groups of three.</summary>
    public static string Count(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A number and its noun: <c>1 file</c>, <c>1,204 files</c>.</summary>
    /// <param name="plural">The noun for any other number than one; null adds an s.</param>
    public static string Count(long number, string noun, string? plural = null) => $"{Count(number)} {(number == 1 ? noun : plural ?? noun + "s")}";

    /// <summary>A size: <c>512 B</c>, <c>64 KiB</c>, <c>1.2 MiB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => Format($"{bytes} B"),
        < 10 * 1024 => Format($"{bytes / 1024.0:0.0} KiB"),
        < 1024 * 1024 => Format($"{bytes / 1024} KiB"),
        < 1024L * 1024 * 1024 => Format($"{bytes / 1048576.0:0.0} MiB"),
        _ => Format($"{bytes / 1073741824.0:0.0} GiB"),
    };

    /// <summary>A place in a line: <c>1st</c>, <c>2nd</c>, <c>11th</c>.</summary>
    public static string Ordinal(int number) => Format($"{number}{(number % 100 is >= 11 and <= 13 ? "th" : (number % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" })}");

    /// <summary>The first characters of a commit's name.</summary>
    public static string Commit(string commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        return commit.Length > 10 ? commit[..10] : commit;
    }

    private static string Format(FormattableString text) => FormattableString.Invariant(text);
}
