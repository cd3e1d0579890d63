using System.Text.RegularExpressions;

namespace CodexWeb.Models.Demo.Scripts;

/// <summary>The sample repository, Ask: answers a few questions from the code as it is; for others it searches for their words.</summary>
internal static partial class AnswerQuestion
{
    /// <summary>The steps.</summary>
    public static IEnumerable<Step> Play(DemoTurn turn) =>
        Total().IsMatch(turn.Prompt) ? Explain(turn, ["lib/Basket.pm", "lib/Basket/Money.pm"], AnswerTotal)
        : Discount().IsMatch(turn.Prompt) ? Explain(turn, ["lib/Basket/Discount.pm", "lib/Basket.pm"], AnswerDiscount)
        : Receipt().IsMatch(turn.Prompt) ? Explain(turn, ["lib/Basket/Receipt.pm", "lib/Basket/Money.pm"], AnswerReceipt)
        : SearchWords.Play(turn.Prompt, null);

    private static IEnumerable<Step> Explain(DemoTurn turn, string[] paths, Func<Source, string?> answer)
    {
        var search = new Command("rg -n '^sub ' lib || grep -rn '^sub ' lib");
        yield return new Step("It is the Basket library. I look where the functions are.", search)
        {
            Thought = "**Finding the place**\n\nThe question is about what the code does, so I list its functions and read those that matter.",
        };
        var prints = paths.Select(NumberedFile.Print).ToList();
        yield return new Step($"I read {string.Join(" and ", paths.Select(path => $"`{path}`"))}.", [.. prints]);
        if (answer(new Source([.. paths.Zip(prints, NumberedFile.Of)])) is { } text)
        {
            yield return new Step(text + "\n\nI am a script, not an AI: I know a few questions about this repository, and looked up the lines just now.");
            yield break;
        }

        // The code is not as this script knows it.
        foreach (var step in SearchWords.Play(turn.Prompt, null))
        {
            yield return step;
        }
    }

    private static string? AnswerTotal(Source source) =>
        source.All(["total", "net", "tax", "_line", "percent_of"]) is not { } at ? null : $"""
            The total is the net amount plus the tax; everything is counted in whole cents {at["total"]}.

            1. **Each article** makes one line: quantity × price, less its quantity discount {at["_line"]}.
            2. **Net** is the sum of the lines {at["net"]}.
            3. **Tax** is computed once per tax rate on the net sum of that rate, not per line {at["tax"]}.

            Amounts are rounded in one place, `percent_of`, half up to a whole cent {at["percent_of"]}: once for the discount of a line, once for the tax of a rate. Sums need no rounding.
            """;

    private static string? AnswerDiscount(Source source) =>
        source.All(["standard", "percent_for", "new", "_line"]) is not { } at ? null : $"""
            The discount goes by the number of pieces of one article.

            - The steps, from how many pieces on which percentage is granted, are given in `standard` {at["standard"]}; they are sorted when the object is made, so their order does not matter {at["new"]}.
            - `percent_for` walks up the steps and keeps the percentage of the last one reached {at["percent_for"]}.
            - A basket asks for each of its lines and takes the percentage off quantity × price {at["_line"]}.
            """;

    private static string? AnswerReceipt(Source source) =>
        source.All(["receipt", "_rows_of", "_sum", "format_amount"]) is not { } at ? null : $"""
            A receipt is text of 40 columns: a row or two per article, a rule, then net, tax and total {at["receipt"]}.

            - An article's row has its name cut to 14 columns, quantity, price and net amount; a second row names the discount when there is one {at["_rows_of"]}.
            - The sums are a label and an amount {at["_sum"]}.
            - Cents get their decimal point in `format_amount`, only here, for the reader {at["format_amount"]}.
            """;

    [GeneratedRegex(@"\b(?:total|sum|tax|net|round\w*)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Total();

    [GeneratedRegex(@"\b(?:discounts?|percent\w*|quantit\w+)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Discount();

    [GeneratedRegex(@"\b(?:receipts?|print\w*)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Receipt();

    /// <summary>The files that were read.</summary>
    private sealed record Source(IReadOnlyList<NumberedFile> Files)
    {
        /// <summary>A citation for each function; null when one of them is missing.</summary>
        public Dictionary<string, string>? All(string[] functions)
        {
            var citations = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var function in functions)
            {
                foreach (var file in Files)
                {
                    if (file.Function(function) is { } lines)
                    {
                        citations.TryAdd(function, Quote.Cite(file.Path, lines.First, lines.Last));
                    }
                }
            }

            return citations.Count == functions.Length ? citations : null;
        }
    }
}
