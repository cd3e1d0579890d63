using System.Globalization;
using System.Text;
using CodexWeb.Tasks;

namespace CodexWeb.Api;

/// <summary>Lists by pages: <c>?limit=</c> and <c>?cursor=</c>.</summary>
internal static class Paging
{
    /// <summary>Things on a page when the request does not say.</summary>
    public const int Usual = 50;

    /// <summary>Things on a page, at most.</summary>
    public const int Most = 200;

    /// <summary>What is wrong with a limit, or null.</summary>
    public static IResult? Check(int? limit) =>
        limit is < 1 or > Most ? Problems.Invalid("limit", string.Create(CultureInfo.InvariantCulture, $"limit must be a number from 1 to {Most}.")) : null;

    /// <summary>A page of a list that is short enough to be read whole. The cursor names the last thing of the page before, so that it survives changes of the list.</summary>
    /// <param name="key">What is unique to each thing, and stays.</param>
    public static Page<TAnswer> Cut<T, TAnswer>(IReadOnlyList<T> all, int? limit, string? cursor, Func<T, string> key, Func<T, TAnswer> answer)
    {
        var size = limit ?? Usual;
        var after = cursor is { Length: > 0 } ? all.TakeWhile(thing => !string.Equals(Encode(key(thing)), cursor, StringComparison.Ordinal)).Count() + 1 : 0;
        var page = all.Skip(after).Take(size).ToList();
        return new Page<TAnswer>([.. page.Select(answer)], after + page.Count < all.Count && page.Count > 0 ? Encode(key(page[^1])) : null);
    }

    private static string Encode(string key) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(key));
}
