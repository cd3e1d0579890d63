using CodexWeb.Agent;
using CodexWeb.Attempts;
using CodexWeb.CodeReviews;
using CodexWeb.Environments;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Models;
using CodexWeb.Repositories;
using CodexWeb.Review;
using CodexWeb.Tasks;
using Microsoft.EntityFrameworkCore;

namespace CodexWeb.Data;

/// <summary>The one model. Each provider has a subclass, so that each has its own migrations.</summary>
public abstract class CodexDb(DbContextOptions options) : DbContext(options)
{
    // For rows that were there before the column: a list without elements, as JSON.
    private const string NoElements = "'[]'";

    /// <summary>Tasks.</summary>
    public DbSet<CodexTask> Tasks => Set<CodexTask>();

    /// <summary>Attempts.</summary>
    public DbSet<Attempt> Attempts => Set<Attempt>();

    /// <summary>Turns.</summary>
    public DbSet<Turn> Turns => Set<Turn>();

    /// <summary>Messages that wait for a running attempt's next step.</summary>
    public DbSet<QueuedMessage> QueuedMessages => Set<QueuedMessage>();

    /// <summary>What attempts asked of people.</summary>
    public DbSet<Approval> Approvals => Set<Approval>();

    /// <summary>Images and files people sent.</summary>
    public DbSet<Attachment> Attachments => Set<Attachment>();

    /// <summary>Prompts that are used often.</summary>
    public DbSet<PromptTemplate> PromptTemplates => Set<PromptTemplate>();

    /// <summary>Model providers that were added in the page.</summary>
    public DbSet<ModelProvider> ModelProviders => Set<ModelProvider>();

    /// <summary>What was chosen in the page for the whole server.</summary>
    public DbSet<ServerSetting> ServerSettings => Set<ServerSetting>();

    /// <summary>Repositories.</summary>
    public DbSet<Repository> Repositories => Set<Repository>();

    /// <summary>Environments.</summary>
    public DbSet<CodexEnvironment> Environments => Set<CodexEnvironment>();

    /// <summary>People's connections to GitHub.</summary>
    public DbSet<GitHubAccount> GitHubAccounts => Set<GitHubAccount>();

    /// <summary>The server's own GitHub App; at most one.</summary>
    public DbSet<GitHubAppRegistration> GitHubApps => Set<GitHubAppRegistration>();

    /// <summary>Webhooks as they came in.</summary>
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    /// <summary>Pull requests of tasks.</summary>
    public DbSet<PullRequest> PullRequests => Set<PullRequest>();

    /// <summary>Reviews of pull requests.</summary>
    public DbSet<CodeReview> CodeReviews => Set<CodeReview>();

    /// <summary>What reviews found.</summary>
    public DbSet<ReviewFinding> ReviewFindings => Set<ReviewFinding>();

    /// <summary>Texts at GitHub that named us and were acted upon.</summary>
    public DbSet<Mention> Mentions => Set<Mention>();

    /// <summary>The attempts' logs. Written by <see cref="AttemptLog"/> alone.</summary>
    public DbSet<StoredEvent> Events => Set<StoredEvent>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<CodexTask>(task =>
        {
            task.ToTable("Tasks");
            task.Property(t => t.Title).HasMaxLength(120);
            task.HasIndex(t => new { t.Archived, t.UpdatedAt });
            task.HasIndex(t => t.RepositoryId);
            task.HasIndex(t => t.SourceUrl);
            task.Ignore(t => t.LeadingAttemptId);
            task.HasOne(t => t.Repository).WithMany().HasForeignKey(t => t.RepositoryId).OnDelete(DeleteBehavior.Restrict);
            task.HasOne<CodexEnvironment>().WithMany().HasForeignKey(t => t.EnvironmentId).OnDelete(DeleteBehavior.Restrict);
            task.HasMany(t => t.Attempts).WithOne().HasForeignKey(a => a.TaskId).OnDelete(DeleteBehavior.Cascade);
            task.HasMany(t => t.Turns).WithOne().HasForeignKey(t => t.TaskId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<Attempt>(attempt =>
        {
            attempt.HasIndex(a => new { a.TaskId, a.Number }).IsUnique();
            attempt.HasIndex(a => new { a.Status, a.QueuedAt });
            attempt.Ignore(a => a.IsActive);
        });
        modelBuilder.Entity<Turn>(turn =>
        {
            turn.HasKey(t => new { t.TaskId, t.Number });
            turn.Property(t => t.Attachments).HasDefaultValueSql(NoElements);
        });
        modelBuilder.Entity<Repository>(repository =>
        {
            repository.Property(r => r.Name).HasMaxLength(100);
            repository.HasIndex(r => r.Url).IsUnique();
            repository.HasIndex(r => r.HostRepositoryId);
            repository.Ignore(r => r.Key);
        });
        modelBuilder.Entity<CodexEnvironment>(environment =>
        {
            environment.ToTable("Environments");
            environment.HasIndex(e => e.RepositoryId);
            environment.HasOne<Repository>().WithMany().HasForeignKey(e => e.RepositoryId).OnDelete(DeleteBehavior.Cascade);
            // For rows of before; 0 is a choice of its own, not "not given".
            environment.Property(e => e.ReviewFloor).HasDefaultValue(1).HasSentinel(-1);
            environment.Property(e => e.Variables).HasConversion<StringMapConverter, StringMapComparer>();
            environment.Property(e => e.McpServers).HasConversion<JsonListConverter<McpServer>, JsonListComparer<McpServer>>().HasDefaultValueSql(NoElements);
        });
        AddAgent(modelBuilder);
        AddGitHosts(modelBuilder);
        AddCodeReviews(modelBuilder);
        modelBuilder.Entity<StoredEvent>(stored =>
        {
            stored.ToTable("Events");
            stored.HasKey(e => new { e.AttemptId, e.Seq });
            stored.HasOne<Attempt>().WithMany().HasForeignKey(e => e.AttemptId).OnDelete(DeleteBehavior.Cascade);
        });
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<TaskId>().HaveConversion<IdConverter<TaskId>>();
        configurationBuilder.Properties<AttemptId>().HaveConversion<IdConverter<AttemptId>>();
        configurationBuilder.Properties<RepositoryId>().HaveConversion<IdConverter<RepositoryId>>();
        configurationBuilder.Properties<EnvironmentId>().HaveConversion<IdConverter<EnvironmentId>>();
        configurationBuilder.Properties<GitHubAccountId>().HaveConversion<IdConverter<GitHubAccountId>>();
        configurationBuilder.Properties<CodeReviewId>().HaveConversion<IdConverter<CodeReviewId>>();
        configurationBuilder.Properties<ApprovalId>().HaveConversion<IdConverter<ApprovalId>>();
        configurationBuilder.Properties<AttachmentId>().HaveConversion<IdConverter<AttachmentId>>();
        configurationBuilder.Properties<FindingId>().HaveConversion<IdConverter<FindingId>>();
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMillisecondsConverter>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
    }

    private static void AddAgent(ModelBuilder modelBuilder)
    {
        // For rows of before.
        modelBuilder.Entity<CodexTask>().Property(t => t.Approval).HasDefaultValue(ApprovalMode.FullAuto);
        modelBuilder.Entity<QueuedMessage>(message =>
        {
            message.Property(m => m.Attachments).HasDefaultValueSql(NoElements);
            message.HasIndex(m => new { m.AttemptId, m.Position });
            message.HasOne<Attempt>().WithMany().HasForeignKey(m => m.AttemptId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<Approval>(approval =>
        {
            approval.HasIndex(a => new { a.AttemptId, a.ItemId }).IsUnique();
            approval.HasIndex(a => a.Decision);
            approval.HasOne<Attempt>().WithMany().HasForeignKey(a => a.AttemptId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<Attachment>(attachment =>
        {
            attachment.HasIndex(a => new { a.TaskId, a.CreatedAt });
            attachment.HasOne<CodexTask>().WithMany().HasForeignKey(a => a.TaskId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<PromptTemplate>().HasKey(t => t.Name);
        modelBuilder.Entity<ModelProvider>().HasKey(p => p.Name);
        modelBuilder.Entity<ServerSetting>().HasKey(s => s.Name);
    }

    private static void AddGitHosts(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<GitHubAccount>(account => account.HasIndex(a => new { a.Person, a.UserId }).IsUnique());
        modelBuilder.Entity<GitHubAppRegistration>(app =>
        {
            app.HasKey(a => a.AppId);
            app.Property(a => a.AppId).ValueGeneratedNever();
        });
        modelBuilder.Entity<WebhookDelivery>(delivery =>
        {
            delivery.Property(d => d.Id).HasMaxLength(100);
            delivery.Property(d => d.RepositoryName).HasMaxLength(201);
            delivery.HasIndex(d => new { d.Status, d.Number });
            delivery.HasIndex(d => d.ReceivedAt);
        });
        modelBuilder.Entity<PullRequest>(pull =>
        {
            pull.HasKey(p => p.TaskId);
            pull.HasOne<CodexTask>().WithOne().HasForeignKey<PullRequest>(p => p.TaskId).OnDelete(DeleteBehavior.Cascade);
            pull.HasIndex(p => new { p.RepositoryId, p.Number }).IsUnique();
            pull.HasIndex(p => p.HeadCommit);
            pull.HasIndex(p => p.NextSyncAt);
            pull.Ignore(p => p.IsOpen);
        });
    }

    private static void AddCodeReviews(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<CodeReview>(review =>
        {
            review.HasIndex(r => new { r.RepositoryId, r.Number, r.HeadCommit });
            review.HasIndex(r => r.Status);
            review.HasIndex(r => r.TaskId);
            review.HasOne<Repository>().WithMany().HasForeignKey(r => r.RepositoryId).OnDelete(DeleteBehavior.Cascade);
            review.HasOne<CodexTask>().WithMany().HasForeignKey(r => r.TaskId).OnDelete(DeleteBehavior.Cascade);
            review.Ignore(r => r.IsUnderWay).Ignore(r => r.ReviewedTask);
            review.HasMany(r => r.Findings).WithOne().HasForeignKey(f => f.ReviewId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<ReviewFinding>().ToTable("ReviewFindings").Ignore(f => f.Place);
        modelBuilder.Entity<Mention>(mention =>
        {
            mention.HasKey(m => m.Key);
            mention.Property(m => m.Key).HasMaxLength(100);
            mention.HasIndex(m => m.Status);
            mention.HasOne<Repository>().WithMany().HasForeignKey(m => m.RepositoryId).OnDelete(DeleteBehavior.Cascade);
        });
    }
}

/// <summary>The model on SQLite, through the system's library.</summary>
public sealed class SqliteCodexDb(DbContextOptions<SqliteCodexDb> options) : CodexDb(options)
{
    static SqliteCodexDb() => SqliteLibrary.Use();
}
