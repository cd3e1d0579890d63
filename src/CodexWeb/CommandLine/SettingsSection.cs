using System.Reflection;

namespace CodexWeb.CommandLine;

/// <summary>A group of settings and the class that reads it: every class with a constant <c>Section</c> is one.</summary>
/// <param name="Name">The group's name: <c>Attempts</c>.</param>
/// <param name="Options">The class its settings are the properties of.</param>
public sealed record SettingsSection(string Name, Type Options)
{
    /// <summary>All groups of the product.</summary>
    public static IReadOnlyList<SettingsSection> All { get; } =
        [.. typeof(SettingsSection).Assembly.GetTypes().Select(Of).OfType<SettingsSection>().OrderBy(section => section.Name, StringComparer.Ordinal)];

    /// <summary>The settings a class reads.</summary>
    internal static IReadOnlyList<PropertyInfo> SettingsOf(Type options) =>
        [.. options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)];

    /// <summary>The class of a list's or map's elements; null for what is neither.</summary>
    internal static Type? ElementOf(Type type) => type.IsGenericType switch
    {
        true when type.GetGenericTypeDefinition() == typeof(List<>) => type.GetGenericArguments()[0],
        true when type.GetGenericTypeDefinition() == typeof(Dictionary<,>) => type.GetGenericArguments()[1],
        _ => null,
    };

    private static SettingsSection? Of(Type type) =>
        type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true } name
            ? new SettingsSection((string)name.GetRawConstantValue()!, type)
            : null;
}
