using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CodexWeb.Data;

/// <summary>Times are stored as UTC Unix milliseconds, alike on every database.</summary>
internal sealed class UnixMillisecondsConverter()
    : ValueConverter<DateTimeOffset, long>(value => value.ToUnixTimeMilliseconds(), milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));

/// <summary>A map of strings is stored as a JSON object.</summary>
internal sealed class StringMapConverter()
    : ValueConverter<Dictionary<string, string>, string>(
        map => JsonSerializer.Serialize(map, JsonSerializerOptions.Default),
        json => JsonSerializer.Deserialize<Dictionary<string, string>>(json, JsonSerializerOptions.Default)!);

/// <summary>Two maps are the same when their JSON is.</summary>
internal sealed class StringMapComparer()
    : ValueComparer<Dictionary<string, string>>(
        (a, b) => JsonSerializer.Serialize(a, JsonSerializerOptions.Default) == JsonSerializer.Serialize(b, JsonSerializerOptions.Default),
        map => JsonSerializer.Serialize(map, JsonSerializerOptions.Default).GetHashCode(StringComparison.Ordinal),
        map => new Dictionary<string, string>(map, StringComparer.Ordinal));

/// <summary>A list of records is stored as a JSON array.</summary>
internal sealed class JsonListConverter<T>()
    : ValueConverter<List<T>, string>(
        list => JsonSerializer.Serialize(list, JsonSerializerOptions.Web),
        json => JsonSerializer.Deserialize<List<T>>(json, JsonSerializerOptions.Web)!);

/// <summary>Two lists are the same when their JSON is.</summary>
internal sealed class JsonListComparer<T>()
    : ValueComparer<List<T>>(
        (a, b) => JsonSerializer.Serialize(a, JsonSerializerOptions.Web) == JsonSerializer.Serialize(b, JsonSerializerOptions.Web),
        list => JsonSerializer.Serialize(list, JsonSerializerOptions.Web).GetHashCode(StringComparison.Ordinal),
        list => list.ToList());
