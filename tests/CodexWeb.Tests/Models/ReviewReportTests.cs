using System.Text.Json;
using System.Text.Json.Nodes;
using CodexWeb.Agent.Models;
using FsCheck;
using FsCheck.Fluent;

namespace CodexWeb.Tests.Models;

public sealed class ReviewReportTests
{
    private const string Good =
        """
        {
          "findings": [
            { "title": "Later", "body": "Because.", "priority": 2, "confidence": 0.5, "path": "/workspace/src/a.cs", "start_line": 9, "end_line": 7 },
            { "title": "Divides by zero", "body": "When the list is empty.", "priority": 1, "confidence": 0.9, "path": "src/a.cs", "start_line": 3, "end_line": 3 }
          ],
          "verdict": "patch is incorrect",
          "explanation": "An empty list fails.",
          "confidence": 0.8
        }
        """;

    [Fact]
    public void A_report_is_read_with_the_most_urgent_finding_first()
    {
        var report = Read(Good);

        Assert.Equal((false, "An empty list fails.", 0.8, 0), (report.Correct, report.Explanation, report.Confidence, report.LeftOut));
        Assert.Equal(
            [
                new ReportedFinding("Divides by zero", "When the list is empty.", 1, 0.9, "src/a.cs", 3, 3),
                new ReportedFinding("Later", "Because.", 2, 0.5, "src/a.cs", 7, 9),
            ],
            report.Findings);
    }

    [Theory]
    [InlineData("```json\n{0}\n```")]
    [InlineData("Here is my review:\n\n~~~\n{0}\n~~~\nThat is all.")]
    [InlineData("\uFEFF\n {0} \n")]
    public void What_stands_around_the_object_is_passed_over(string around) =>
        Assert.Equal(2, Read(around.Replace("{0}", Good, StringComparison.Ordinal)).Findings.Count);

    [Theory]
    [InlineData("Looks good to me!", "There is no JSON object in it.")]
    [InlineData("} {", "There is no JSON object in it.")]
    [InlineData("{ \"findings\": [", "There is no JSON object in it.")]
    [InlineData("{}", "In the report findings is missing.")]
    [InlineData("{\"findings\":{}}", "In the report findings is not of the kind the schema names.")]
    [InlineData("{\"findings\":[7],\"verdict\":\"patch is correct\",\"explanation\":\"\",\"confidence\":1}", "In place of finding 1 stands something that is no object.")]
    [InlineData("{\"findings\":[],\"verdict\":\"looks fine\",\"explanation\":\"\",\"confidence\":1}", "The verdict is \"patch is correct\" or \"patch is incorrect\".")]
    public void A_message_of_another_form_is_told_what_is_wrong(string message, string problem) => Assert.Equal((null, problem), ReviewReport.Parse(message));

    [Theory]
    [InlineData("title", "\"  \\n \"", "In finding 1 the title is empty.")]
    [InlineData("priority", "4", "In finding 1 the priority is not 0, 1, 2 or 3.")]
    [InlineData("priority", "\"P1\"", "In finding 1 priority is not of the kind the schema names.")]
    [InlineData("start_line", "0", "In finding 1 start_line is not the number of a line.")]
    [InlineData("end_line", "1.5", "In finding 1 end_line is not a whole number.")]
    [InlineData("end_line", "99999999999", "In finding 1 end_line is not the number of a line.")]
    [InlineData("path", "\"\"", "In finding 1 the path is not one of a file.")]
    [InlineData("body", "null", "In finding 1 body is not of the kind the schema names.")]
    [InlineData("title", "\"\\ud800\"", "A text in it is not valid Unicode.")]
    public void A_field_that_cannot_be_taken_is_named(string field, string value, string problem)
    {
        var report = $$"""{"findings":[{"title":"t","body":"b","priority":0,"confidence":1,"path":"p","start_line":1,"end_line":1,"{{field}}":{{value}}}],"verdict":"patch is correct","explanation":"","confidence":1}""";

        Assert.Equal((null, problem), ReviewReport.Parse(report));
    }

    [Fact]
    public void Texts_and_numbers_are_capped()
    {
        var report = JsonNode.Parse(Good)!;
        var findings = report["findings"]!.AsArray();
        findings[1]!["title"] = $"One\n two\t{new string('x', 200)}";
        findings[1]!["body"] = new string('é', 9_000);
        findings[1]!["confidence"] = 17;
        for (var i = 0; i < 60; i++)
        {
            findings.Add(findings[0]!.DeepClone());
        }

        var read = Read(report.ToJsonString());

        Assert.Equal((50, 12), (read.Findings.Count, read.LeftOut));
        Assert.Equal((80, 4_000, 1d), (read.Findings[0].Title.Length, read.Findings[0].Body.Length, read.Findings[0].Confidence));
        Assert.StartsWith("One two xx", read.Findings[0].Title, StringComparison.Ordinal);
        Assert.EndsWith("…", read.Findings[0].Title, StringComparison.Ordinal);
    }

    [Fact]
    public void People_read_it_with_places_as_citations() =>
        Assert.StartsWith(
            """
            **The change is not correct** (confidence 80 %). An empty list fails.

            **P1 · Divides by zero** 【F:src/a.cs†L3-L3】

            When the list is empty.
            """,
            Read(Good).ToMarkdown(),
            StringComparison.Ordinal);

    [Fact]
    public void Any_text_gives_a_report_within_its_caps_or_a_sentence() =>
        Prop.ForAll(Messages.ToArbitrary(), message =>
        {
            var (report, problem) = ReviewReport.Parse(message);
            return report is null
                ? problem is { Length: > 0 }
                : problem is null && report.Findings.Count <= ReviewReport.MostFindings && report.Findings.All(static finding =>
                    finding.Title.Length is > 0 and <= ReviewReport.LongestTitle && finding.Body.Length <= ReviewReport.LongestBody && finding.Priority is >= 0 and <= 3
                    && finding.Confidence is >= 0 and <= 1 && finding.StartLine >= 1 && finding.EndLine >= finding.StartLine && finding.Path.Length > 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_schema_requires_every_field_and_allows_no_other()
    {
        using var schema = JsonDocument.Parse(ReviewReport.Schema.Json);
        JsonElement[] objects = [schema.RootElement, schema.RootElement.GetProperty("properties").GetProperty("findings").GetProperty("items")];

        Assert.All(objects, static one =>
        {
            Assert.Equal(one.GetProperty("properties").EnumerateObject().Select(static property => property.Name), one.GetProperty("required").EnumerateArray().Select(static name => name.GetString()!));
            Assert.False(one.GetProperty("additionalProperties").GetBoolean());
        });
    }

    // The good report with one piece of it replaced by any other.
    private static Gen<string> Messages =>
        from start in Gen.Choose(0, Good.Length)
        from length in Gen.Choose(0, 30)
        from other in Gen.OneOf(Gen.Elements("", "null", "-1", "1e400", "{", "}", "[]", "\"", "\\u0000", "\\ud800", "😀", new string('9', 30), new string('a', 5_000)), ArbMap.Default.GeneratorFor<string>())
        select Good[..start] + other + Good[Math.Min(Good.Length, start + length)..];

    private static ReviewReport Read(string message)
    {
        var (report, problem) = ReviewReport.Parse(message);
        Assert.Null(problem);
        return report!;
    }
}
