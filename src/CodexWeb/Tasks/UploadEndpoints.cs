using CodexWeb.Agent.Models;
using CodexWeb.Agent.Protocol;
using CodexWeb.Attempts;
using CodexWeb.Data;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace CodexWeb.Tasks;

/// <summary>Where the product's own pages send files for messages and fetch them again. Scripts send images with the task.</summary>
public static class UploadEndpoints
{
    // Above the largest file, so that a file that is a little too large gets its sentence.
    private const int MaxBodyBytes = Attachments.MaxBytes + (4 << 20);

    /// <summary>Maps the routes under <c>/uploads</c>.</summary>
    public static IEndpointRouteBuilder MapUploads(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var uploads = routes.MapGroup("/uploads").ExcludeFromDescription();
        uploads.MapPost("", AddAsync).WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));
        uploads.MapMethods("/{id}", [HttpMethods.Get, HttpMethods.Head], OpenAsync);
        uploads.MapDelete("/{id}", RemoveAsync);
        uploads.MapGet("/images/{attempt}/{image}", ShowAsync);
        return routes;
    }

    private static async Task<IResult> AddAsync(string? name, HttpRequest request, Attachments attachments, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBodyBytes)
        {
            return Problem(StatusCodes.Status413PayloadTooLarge, $"{AttachmentContent.NameOf(name)} is larger than {Attachments.MaxBytes >> 20} MiB. Scale it down, or put it into the repository and name it in the prompt.");
        }

        return Answer(await attachments.AddAsync(name, request.Body, LocalPerson.Name, cancellationToken), static added => Results.Json(added, statusCode: StatusCodes.Status201Created));
    }

    private static async Task<IResult> RemoveAsync(AttachmentId id, Attachments attachments, CancellationToken cancellationToken) =>
        Answer(await attachments.RemoveAsync(id, cancellationToken), static _ => Results.NoContent());

    private static async Task<IResult> OpenAsync(AttachmentId id, Attachments attachments, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await attachments.OpenAsync(id, cancellationToken) is not { } found)
        {
            return Problem(StatusCodes.Status404NotFound, "There is no such file, or it is no longer there.");
        }

        // What was found by the content when it came; whatever is no picture is only ever saved.
        Harmless(response);
        return found.Attachment.Width is not null
            ? Results.Stream(found.Bytes, found.Attachment.MediaType)
            : Results.Stream(found.Bytes, "application/octet-stream", found.Attachment.Name);
    }

    private static IResult ShowAsync(AttemptId attempt, string image, AttemptFiles files, HttpResponse response)
    {
        if (files.ImagesOf(attempt).Read(new ImageReference(image, "application/octet-stream", 0, 0)) is not { } bytes || ImageHeader.TypeOf(bytes) is not { } type)
        {
            return Problem(StatusCodes.Status404NotFound, "There is no such image, or it is no longer there.");
        }

        Harmless(response);
        return Results.Bytes(bytes.ToMemory(), type);
    }

    // Bytes from outside: nothing in them may run, be taken for another type, or be read by another site's page.
    private static void Harmless(HttpResponse response)
    {
        response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers.CacheControl = "private, max-age=3600, immutable";
    }

    private static IResult Answer<T>(CommandResult<T> result, Func<T, IResult> done) => result switch
    {
        CommandResult<T>.Done { Value: var value } => done(value),
        CommandResult<T>.NotFound missing => Problem(StatusCodes.Status404NotFound, missing.What),
        CommandResult<T>.Refused refused => Problem(StatusCodes.Status409Conflict, refused.Reason),
        _ => Problem(StatusCodes.Status400BadRequest, result.Problem()!),
    };

    private static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);
}
