using CodexWeb.Attempts;
using CodexWeb.Data;

namespace CodexWeb.Review;

/// <summary>Reads of a command's output by lines.</summary>
internal static class OutputEndpoints
{
    public static async Task<IResult> LinesAsync(AttemptId id, string item, long from, int count, AttemptFiles files, OutputIndexes indexes, CancellationToken cancellationToken)
    {
        await using var output = files.OpenOutput(id, item);
        if (output is null)
        {
            return ReviewEndpoints.Problem(StatusCodes.Status404NotFound, "There is no output of such a command.");
        }

        var index = indexes.Of(id, item, output);
        var lines = await index.ReadAsync(output, from, count, cancellationToken);
        return ReviewEndpoints.Json(new OutputAnswer(lines, index.Lines, index.Bytes), ReviewJson.Default.OutputAnswer);
    }

    public static async Task<IResult> SearchAsync(AttemptId id, string item, string text, AttemptFiles files, CancellationToken cancellationToken)
    {
        if (text.Length is 0 or > 200)
        {
            return ReviewEndpoints.Problem(StatusCodes.Status400BadRequest, "Search for 1 to 200 characters.");
        }

        await using var output = files.OpenOutput(id, item);
        return output is null
            ? ReviewEndpoints.Problem(StatusCodes.Status404NotFound, "There is no output of such a command.")
            : ReviewEndpoints.Json(await OutputSearch.FindAsync(output, text, cancellationToken), ReviewJson.Default.OutputHits);
    }
}
