using System.Globalization;
using CodexWeb.Agent.Workspaces;
using CodexWeb.Attempts;
using CodexWeb.Data;
using CodexWeb.Environments;
using CodexWeb.Repositories;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Tasks;

// How a task begins.
public sealed partial class TaskCommands
{
    private static readonly string[] Efforts = ["none", "minimal", "low", "medium", "high", "xhigh"];

    /// <summary>Starts a task: stores it with its attempts and first turn, and wakes the orchestrator.</summary>
    public async Task<CommandResult<TaskId>> CreateAsync(NewTask task, string author, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (await doctor.FirstOrLastAsync(cancellationToken) is { CanRunTasks: false, Problem: var problem })
        {
            return new CommandResult<TaskId>.Refused(problem!);
        }

        var errors = Check(task);
        await using var db = await store.OpenAsync(cancellationToken);
        // A repository's first environment is its default one.
        var environment = await db.Environments.AsNoTracking()
            .Where(e => task.EnvironmentId == null ? e.RepositoryId == task.RepositoryId : e.Id == task.EnvironmentId)
            .OrderBy(e => e.Id).FirstOrDefaultAsync(cancellationToken);
        var repositoryId = environment?.RepositoryId ?? task.RepositoryId;
        var repository = await db.Repositories.AsNoTracking().SingleOrDefaultAsync(r => r.Id == repositoryId, cancellationToken);
        if (task.EnvironmentId is not null && environment is null)
        {
            errors["environmentId"] = "There is no such environment.";
        }
        else if (repository is null)
        {
            errors["repositoryId"] = task.RepositoryId is null ? "Choose a repository." : "There is no such repository. It may have been disconnected.";
        }

        if (await attachments.ProblemAsync(task.Attachments, cancellationToken) is { } gone)
        {
            errors["attachments"] = gone;
        }

        if (errors.Count > 0 || repository is null || environment is null)
        {
            return new CommandResult<TaskId>.Invalid(errors);
        }

        var branch = string.IsNullOrWhiteSpace(task.Branch) ? repository.DefaultBranch : task.Branch.Trim();
        try
        {
            if (task.BaseCommit is null)
            {
                await RequireBranchAsync(repository, branch, cancellationToken);
            }
        }
        catch (RepositoryException exception)
        {
            return new CommandResult<TaskId>.Invalid("branch", exception.Message);
        }

        // What started by a text from outside has quoted what it needs.
        var outside = task.Source is null && task.ReviewId is null ? await pages.QuoteAsync(task.Prompt, cancellationToken) : null;
        var created = await MakeAsync(db, task, environment, branch, author, outside, cancellationToken);
        return await StartAsync(task, created, cancellationToken);
    }

    private async Task<CommandResult<TaskId>> StartAsync(NewTask task, CodexTask created, CancellationToken cancellationToken)
    {
        try
        {
            await store.QueueAsync(created.Id, [.. created.Attempts.Select(a => a.Id)], async row =>
            {
                row.Add(created);
                await attachments.ClaimAsync(row, created.Id, task.Attachments);
                task.StoredWith?.Invoke(row, created);
                await row.SaveChangesAsync();
            }, cancellationToken);
            return new CommandResult<TaskId>.Done(created.Id);
        }
        catch (AttachmentsGoneException exception)
        {
            return new CommandResult<TaskId>.Invalid("attachments", exception.Message);
        }
    }

    private async Task<CodexTask> MakeAsync(CodexDb db, NewTask task, CodexEnvironment environment, string branch, string author, string? outside, CancellationToken cancellationToken)
    {
        var repository = environment.RepositoryId;
        var title = task.Title is { Length: > 0 } given ? Cut(given) : TitleOf(task.Prompt);
        var workBranch = await FreeBranchAsync(db, repository, title, cancellationToken);
        var created = CodexTask.Start(repository, environment.Id, title, task.Mode, branch, workBranch, task.ReasoningEffort, author, store.Time, task.Source, task.ReviewId, new TaskTerms(task.Approval, task.BudgetMinutes, task.BudgetCost));
        if (task.BaseCommit is { } commit)
        {
            created.StartFrom(commit);
        }

        var model = task.Model is { Length: > 0 } chosen ? chosen : models.Default.Id;
        for (var number = 1; number <= task.Attempts; number++)
        {
            created.Attempts.Add(Attempt.Queue(created.Id, number, task.Models?[number - 1] ?? model, store.Time));
        }

        created.Turns.Add(new Turn { TaskId = created.Id, Number = 1, Prompt = task.Prompt, OutsideText = outside, Attachments = [.. task.Attachments.Select(a => a.Value)], CreatedAt = created.CreatedAt });
        return created;
    }

    // The mirror may be older than the branch: it is asked for anew before the branch is called missing.
    private async Task RequireBranchAsync(Repository repository, string branch, CancellationToken cancellationToken)
    {
        try
        {
            await mirrors.ResolveAsync(repository.Key, branch, cancellationToken);
        }
        catch (RepositoryException)
        {
            await mirrors.FetchAnewAsync(repository.Key, repository.Url, cancellationToken);
            await mirrors.ResolveAsync(repository.Key, branch, cancellationToken);
        }
    }

    private Dictionary<string, string> Check(NewTask task)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Prompt(task.Prompt ?? "") is { } prompt)
        {
            errors["prompt"] = prompt;
        }

        if (task.Attempts is < 1 or > 4)
        {
            errors["attempts"] = "Choose 1 to 4 attempts.";
        }

        if (task.Model is { Length: > 0 } model && models.Find(model) is null)
        {
            errors["model"] = NoModel(model);
        }

        if (task.Models is { } each)
        {
            if (each.Count != task.Attempts)
            {
                errors["models"] = $"{task.Attempts} attempts need {task.Attempts} models, one each; {each.Count} were given.";
            }
            else if (each.FirstOrDefault(id => models.Find(id) is null) is { } unknown)
            {
                errors["models"] = $"There is no model '{unknown}'. Choose from: {string.Join(", ", models.Models.Select(m => m.Id))}.";
            }
        }

        if (TaskBudgets.Error(task.BudgetMinutes, task.BudgetCost) is { } budget)
        {
            errors["budget"] = budget;
        }

        if (task.ReasoningEffort is { Length: > 0 } effort && !Efforts.Contains(effort, StringComparer.Ordinal) && !models.Models.Any(m => m.Efforts.Contains(effort, StringComparer.Ordinal)))
        {
            errors["reasoningEffort"] = $"Choose one of: {string.Join(", ", Efforts)}.";
        }

        return errors;
    }

    private string NoModel(string model) => $"There is no model '{model}'. Choose one of: {string.Join(", ", models.Models.Select(m => m.Id))}.";

    private static string Cut(string title)
    {
        title = string.Join(' ', title.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return title.Length <= LongestTitle ? title : $"{title[..(char.IsHighSurrogate(title[LongestTitle - 2]) ? LongestTitle - 2 : LongestTitle - 1)]}…";
    }

    internal static string TitleOf(string prompt)
    {
        var line = prompt.Split('\n').Select(l => l.Trim().TrimStart('#', '-', '*', '>', ' ')).FirstOrDefault(l => l.Length > 0 && !l.StartsWith("```", StringComparison.Ordinal)) ?? "Task";
        return line.Length <= 80 ? line : $"{line[..(line.LastIndexOf(' ', 78) is > 40 and var space ? space : 78)]}…";
    }

    internal static async Task<string> FreeBranchAsync(CodexDb db, RepositoryId repository, string title, CancellationToken cancellationToken)
    {
        var name = BranchSlug.From(title);
        var taken = await db.Tasks.AsNoTracking().Where(t => t.RepositoryId == repository && t.WorkBranch.StartsWith(name)).Select(t => t.WorkBranch).ToListAsync(cancellationToken);
        return Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{n}")).First(candidate => !taken.Contains(candidate, StringComparer.Ordinal));
    }
}
