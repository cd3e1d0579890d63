using CodexWeb.Tasks;

namespace CodexWeb.Models.Demo;

/// <summary>A task one click starts.</summary>
/// <param name="Title">A few words for the button.</param>
/// <param name="Prompt">What is asked, Markdown.</param>
public sealed record ExampleTask(string Title, TaskMode Mode, string Prompt);

/// <summary>The example tasks of the first page. They are real tasks for any model; the demo model can do them too.</summary>
public static class ExampleTasks
{
    private static readonly ExampleTask[] Sample =
    [
        new("Fix the failing test", TaskMode.Code, "One test fails. Find out why, fix the cause and show that all tests pass."),
        new("How is the total computed?", TaskMode.Ask, "How is the total of a basket computed, and where are amounts rounded?"),
        new("Write a missing test", TaskMode.Code, "Write the missing test for `script/basket`: the list of README.md, comments and lines without a quantity, and an unknown article."),
    ];

    private static readonly ExampleTask[] Other =
    [
        new("What is this repository?", TaskMode.Ask, """
            What is this repository for, how is it laid out, and what was changed last? Begin with:

            ```sh
            ls -A
            git log --oneline -n 10
            ```
            """),
        new("Which loose ends are noted?", TaskMode.Ask, """
            Which loose ends are noted in the code, and which of them matter most? Begin with:

            ```sh
            grep -rnIE --exclude-dir=.git 'TODO|FIXME|XXX' . | head -n 40
            ```
            """),
        new("Add an .editorconfig", TaskMode.Code, """
            Add an `.editorconfig` when there is none: UTF-8, LF, a newline at the end of files.

            ```sh
            test -e .editorconfig || printf '%s\n' 'root = true' '' '[*]' 'charset = utf-8' 'end_of_line = lf' 'insert_final_newline = true' > .editorconfig
            cat .editorconfig
            ```
            """),
    ];

    /// <summary>Three tasks to begin with.</summary>
    /// <param name="isSample">True for the sample repository.</param>
    public static IReadOnlyList<ExampleTask> For(bool isSample) => isSample ? Sample : Other;
}
