using System.Globalization;
using System.Text.RegularExpressions;
using CodexWeb.Data;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

/// <summary>Prompts that are written once and used often; see <see cref="PromptTemplate"/>.</summary>
public sealed partial class PromptTemplates(IDbContextFactory<CodexDb> databases, WriteGate gate, TimeProvider time)
{
    /// <summary>Characters of a template's text.</summary>
    public const int LongestText = 20_000;

    /// <summary>Templates a server keeps.</summary>
    public const int Most = 200;

    private const int LongestDescription = 200;

    /// <summary>Offered when there are none.</summary>
    public static IReadOnlyList<PromptTemplateView> Examples { get; } =
    [
        new("fix-bug", "Reproduce a bug by a test, then fix it", "Fix this bug: {{what happens}}\n\nExpected: {{what should happen}}\n\nFirst write a test that fails because of it, then fix the cause. Run the tests around it."),
        new("add-tests", "Cover a part of the code by tests", "Write tests for {{file or feature}}: the usual cases, the borders, and bad input. Follow the tests that are there. Change no other code; report what you find broken."),
        new("explain", "Explain how something works", "Explain how {{part of the code}} works: where it begins, what it calls, what it keeps, and what can go wrong. Cite the lines."),
    ];

    /// <summary>All, by name.</summary>
    public async Task<IReadOnlyList<PromptTemplateView>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.PromptTemplates.AsNoTracking().OrderBy(t => t.Name).Select(t => new PromptTemplateView(t.Name, t.Description, t.Text)).ToListAsync(cancellationToken);
    }

    /// <summary>Adds a template, or changes the one of the name.</summary>
    /// <param name="isNew">True when there must be none of the name yet.</param>
    public async Task<CommandResult<PromptTemplateView>> SaveAsync(PromptTemplateView template, bool isNew, string author, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(template);
        var errors = Check(template);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var stored = await db.PromptTemplates.SingleOrDefaultAsync(t => t.Name == template.Name, cancellationToken);
        if (isNew && stored is not null)
        {
            errors["name"] = $"There is a template '{template.Name}' already. Choose another name, or edit that one.";
        }

        if (errors.Count > 0)
        {
            return new CommandResult<PromptTemplateView>.Invalid(errors);
        }

        if (stored is null)
        {
            if (await db.PromptTemplates.CountAsync(cancellationToken) >= Most)
            {
                return new CommandResult<PromptTemplateView>.Refused($"{Most} templates are kept. Remove one first.");
            }

            db.Add(stored = new PromptTemplate { Name = template.Name });
        }

        (stored.Description, stored.Text, stored.Author, stored.UpdatedAt) = (template.Description.Trim(), template.Text.Trim(), author, time.GetUtcNow());
        await db.SaveInTurnAsync(gate, cancellationToken);
        return new CommandResult<PromptTemplateView>.Done(new PromptTemplateView(stored.Name, stored.Description, stored.Text));
    }

    /// <summary>Removes one.</summary>
    public async Task<CommandResult<Nothing>> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var turn = await gate.EnterAsync(cancellationToken);
        return await db.PromptTemplates.Where(t => t.Name == name).ExecuteDeleteAsync(cancellationToken) > 0
            ? new CommandResult<Nothing>.Done(default)
            : new CommandResult<Nothing>.NotFound("There is no such template.");
    }

    private static Dictionary<string, string> Check(PromptTemplateView template)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!Name().IsMatch(template.Name ?? ""))
        {
            errors["name"] = "A name has 1 to 40 lower-case letters, digits and dashes.";
        }

        if (template.Description is not { Length: <= LongestDescription } description || description.Any(char.IsControl))
        {
            errors["description"] = $"The description is one line of at most {LongestDescription} characters.";
        }

        if (string.IsNullOrWhiteSpace(template.Text) || template.Text.Length > LongestText || template.Text.Contains('\0', StringComparison.Ordinal))
        {
            errors["text"] = string.Create(CultureInfo.InvariantCulture, $"The text has 1 to {LongestText:N0} characters, and no NUL among them.");
        }

        return errors;
    }

    [GeneratedRegex("^[a-z0-9-]{1,40}\\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}

/// <summary>A template as people and scripts see it.</summary>
/// <param name="Name">1 to 40 lower-case letters, digits and <c>-</c>.</param>
/// <param name="Description">One line on what it is for; may be empty.</param>
/// <param name="Text">Markdown with fields to fill in: <c>{{name}}</c>.</param>
public sealed record PromptTemplateView(string Name, string Description, string Text);
