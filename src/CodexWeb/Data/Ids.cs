using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CodexWeb.Data;

/// <summary>An identifier: a UUIDv7, so that ids sort by the time they were made. Its text is the UUID's 36 characters.</summary>
public interface IId<TSelf> : IParsable<TSelf>
    where TSelf : struct, IId<TSelf>
{
    /// <summary>The UUID.</summary>
    Guid Value { get; }

    /// <summary>The id of a UUID.</summary>
    static abstract TSelf From(Guid value);
}

/// <summary>Id of a <see cref="Tasks.CodexTask"/>.</summary>
[JsonConverter(typeof(IdJsonConverter<TaskId>))]
public readonly record struct TaskId(Guid Value) : IId<TaskId>
{
    /// <inheritdoc/>
    public static TaskId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static TaskId Parse(string s, IFormatProvider? provider) => From(Guid.Parse(s));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out TaskId result) => Id.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Id of an <see cref="Attempts.Attempt"/>.</summary>
[JsonConverter(typeof(IdJsonConverter<AttemptId>))]
public readonly record struct AttemptId(Guid Value) : IId<AttemptId>
{
    /// <inheritdoc/>
    public static AttemptId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static AttemptId Parse(string s, IFormatProvider? provider) => From(Guid.Parse(s));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AttemptId result) => Id.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Id of a <see cref="Repositories.Repository"/>.</summary>
[JsonConverter(typeof(IdJsonConverter<RepositoryId>))]
public readonly record struct RepositoryId(Guid Value) : IId<RepositoryId>
{
    /// <inheritdoc/>
    public static RepositoryId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static RepositoryId Parse(string s, IFormatProvider? provider) => From(Guid.Parse(s));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out RepositoryId result) => Id.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Id of a <see cref="Environments.CodexEnvironment"/>.</summary>
[JsonConverter(typeof(IdJsonConverter<EnvironmentId>))]
public readonly record struct EnvironmentId(Guid Value) : IId<EnvironmentId>
{
    /// <inheritdoc/>
    public static EnvironmentId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static EnvironmentId Parse(string s, IFormatProvider? provider) => From(Guid.Parse(s));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out EnvironmentId result) => Id.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Id of a <see cref="GitHosts.GitHub.GitHubAccount"/>.</summary>
[JsonConverter(typeof(IdJsonConverter<GitHubAccountId>))]
public readonly record struct GitHubAccountId(Guid Value) : IId<GitHubAccountId>
{
    /// <inheritdoc/>
    public static GitHubAccountId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static GitHubAccountId Parse(string s, IFormatProvider? provider) => From(Guid.Parse(s));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out GitHubAccountId result) => Id.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Id of a <see cref="CodeReviews.CodeReview"/>.</summary>
[JsonConverter(typeof(IdJsonConverter<CodeReviewId>))]
public readonly record struct CodeReviewId(Guid Value) : IId<CodeReviewId>
{
    /// <inheritdoc/>
    public static CodeReviewId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static CodeReviewId Parse(string s, IFormatProvider? provider) => From(Guid.Parse(s));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out CodeReviewId result) => Id.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Id of a <see cref="CodeReviews.ReviewFinding"/>.</summary>
[JsonConverter(typeof(IdJsonConverter<FindingId>))]
public readonly record struct FindingId(Guid Value) : IId<FindingId>
{
    /// <inheritdoc/>
    public static FindingId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static FindingId Parse(string s, IFormatProvider? provider) => From(Guid.Parse(s));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out FindingId result) => Id.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Id of an <see cref="Attempts.Approval"/>.</summary>
[JsonConverter(typeof(IdJsonConverter<ApprovalId>))]
public readonly record struct ApprovalId(Guid Value) : IId<ApprovalId>
{
    /// <inheritdoc/>
    public static ApprovalId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static ApprovalId Parse(string s, IFormatProvider? provider) => From(Guid.Parse(s));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ApprovalId result) => Id.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Id of an <see cref="Tasks.Attachment"/>.</summary>
[JsonConverter(typeof(IdJsonConverter<AttachmentId>))]
public readonly record struct AttachmentId(Guid Value) : IId<AttachmentId>
{
    /// <inheritdoc/>
    public static AttachmentId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static AttachmentId Parse(string s, IFormatProvider? provider) => From(Guid.Parse(s));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AttachmentId result) => Id.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>What all ids share.</summary>
public static class Id
{
    /// <summary>A new id of the given time.</summary>
    public static TId New<TId>(TimeProvider time)
        where TId : struct, IId<TId>
    {
        ArgumentNullException.ThrowIfNull(time);
        return TId.From(Guid.CreateVersion7(time.GetUtcNow()));
    }

    // An expression tree may not name a static interface member itself.
    internal static TId From<TId>(Guid value)
        where TId : struct, IId<TId> => TId.From(value);

    internal static bool TryParse<TId>(string? text, out TId id)
        where TId : struct, IId<TId>
    {
        var parsed = Guid.TryParse(text, out var value);
        id = TId.From(value);
        return parsed;
    }
}

internal sealed class IdJsonConverter<TId> : JsonConverter<TId>
    where TId : struct, IId<TId>
{
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Guid.TryParse(reader.GetString(), out var value) ? TId.From(value) : throw new JsonException("An id is a UUID.");

    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

internal sealed class IdConverter<TId>() : ValueConverter<TId, Guid>(id => id.Value, value => Id.From<TId>(value))
    where TId : struct, IId<TId>;
