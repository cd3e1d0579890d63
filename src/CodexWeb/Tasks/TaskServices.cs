namespace CodexWeb.Tasks;

/// <summary>Registers tasks.</summary>
public static class TaskServices
{
    /// <summary>Adds commands and queries on tasks.</summary>
    public static IServiceCollection AddTasks(this IServiceCollection services) => services
        .AddSingleton<TaskStore>()
        .AddSingleton<TaskQueries>()
        .AddSingleton<TaskCommands>()
        .AddSingleton<TaskBudgets>()
        .AddSingleton<Forecasts>()
        .AddSingleton<Forks>()
        .AddSingleton<Rewinds>()
        .AddSingleton<Steering>()
        .AddSingleton<AttachmentFiles>()
        .AddSingleton<Attachments>()
        .AddSingleton<AttachedImages>()
        .AddSingleton<PromptTemplates>()
        .AddSingleton<PromptMenus>()
        .AddSingleton<LinkedPages>();
}
