using CodexWeb.Api;
using CodexWeb.Attempts;
using CodexWeb.CodeReviews;
using CodexWeb.CommandLine;
using CodexWeb.Data;
using CodexWeb.GitHosts.GitHub;
using CodexWeb.GitHosts.Webhooks;
using CodexWeb.Health;
using CodexWeb.Models;
using CodexWeb.Models.Demo;
using CodexWeb.Pages;
using CodexWeb.Repositories;
using CodexWeb.Review;
using CodexWeb.Tasks;
using CodexWeb.Ui;

return await ServerCommands.RunAsync(args, Build, ApplyPatchCommand.Create(Console.OpenStandardInput));

static WebApplication Build(string[] settings)
{
    // appsettings.json and, once published, wwwroot lie beside the program, whatever the current directory is.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = AppContext.BaseDirectory });
    builder.CheckSettings();
    // Not only in Development: an unpublished build has its static files in wwwroot/, obj/ and the package folder.
    builder.WebHost.UseStaticWebAssets();

    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddData();
    builder.Services.AddHealth();
    builder.Services.AddModels(builder.Configuration);
    builder.Services.AddGitHubClient();
    builder.Services.AddGitHubAccess();
    builder.Services.AddWebhooks();
    builder.Services.AddAttempts();
    builder.Services.AddTasks();
    builder.Services.AddRepositories();
    builder.Services.AddReview();
    builder.Services.AddPullRequests();
    builder.Services.AddCodeReviews();
    builder.Services.AddMentions();
    builder.Services.AddApi();
    builder.Services.AddPages();

    var app = builder.Build();
    app.UseSecurityHeaders();
    app.UseApi();
    app.MapDemoModel();
    app.MapReview();
    app.MapUploads();
    app.MapPromptMenus();
    app.MapWebhooks();
    app.MapGitHubConnect();
    app.MapApi();
    app.MapPages();
    return app;
}
