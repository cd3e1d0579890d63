using CodexWeb.CommandLine;
using CodexWeb.Data;
using CodexWeb.Ui.Markup;
using Microsoft.Extensions.Options;

namespace CodexWeb.CodeReviews;

/// <summary>Names tasks in texts that leave the server.</summary>
internal sealed class MentionLinks(IOptions<ServerOptions> options)
{
    /// <summary>A task as Markdown: a link when others know the server's address, else its title.</summary>
    public string To(TaskId task, string title)
    {
        var name = OutgoingMarkdown.Code(title);
        return options.Value.PublicUrl is { } address ? $"[{name}]({address.AbsoluteUri.TrimEnd('/')}/tasks/{task})" : $"{name} on the CodexWeb server";
    }
}
