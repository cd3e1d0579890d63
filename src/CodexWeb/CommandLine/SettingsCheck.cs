using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace CodexWeb.CommandLine;

/// <summary>Finds settings that do not exist and values that cannot be taken. A misspelt setting would else be ignored in silence.</summary>
public static class SettingsCheck
{
    /// <summary>Groups the product will have; named now so that nobody thinks they are in force.</summary>
    private static readonly Dictionary<string, string> Later = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Auth"] = "This version has no sign-in",
    };

    /// <summary>What ASP.NET Core itself reads at the top.</summary>
    private static readonly HashSet<string> Foreign = new(StringComparer.OrdinalIgnoreCase)
    {
        "Logging", "Kestrel", "AllowedHosts", "Urls", "Http_Ports", "Https_Ports", "Environment", "ContentRoot", "ApplicationName", "WebRoot", "StaticWebAssets",
        "DetailedErrors", "CaptureStartupErrors", "ShutdownTimeoutSeconds", "PreferHostingUrls", "SuppressStatusMessages", "HostingStartupAssemblies", "HostingStartupExcludeAssemblies",
        "PreventHostingStartup", "HostBuilder", "OPENAI_API_KEY", "OPENAI_BASE_URL",
    };

    /// <summary>Everything that is wrong, a sentence each with the setting's name; empty when nothing is.</summary>
    public static IReadOnlyList<string> FindErrors(IConfigurationRoot configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var errors = new List<string>();
        errors.AddRange(configuration.Providers.SelectMany(UnknownGroups).Distinct(StringComparer.OrdinalIgnoreCase));
        foreach (var (name, reason) in Later)
        {
            errors.AddRange(configuration.GetSection(name).GetChildren().Select(setting => $"{setting.Path}: {reason}. Remove the setting."));
        }

        foreach (var section in SettingsSection.All)
        {
            var before = errors.Count;
            CheckMembers(configuration.GetSection(section.Name), section.Options, errors);
            if (errors.Count == before)
            {
                Validate(section.Name, configuration.GetSection(section.Name).Get(section.Options) ?? Activator.CreateInstance(section.Options)!, errors);
            }
        }

        return errors;
    }

    // The environment holds much that is not ours: there, a group is only taken for a misspelt one of ours when a setting of ours stands in it.
    private static IEnumerable<string> UnknownGroups(IConfigurationProvider provider)
    {
        if (provider is not (JsonConfigurationProvider or CommandLineConfigurationProvider or EnvironmentVariablesConfigurationProvider))
        {
            return [];
        }

        var groups = string.Join(", ", SettingsSection.All.Select(section => section.Name));
        return provider.GetChildKeys([], parentPath: null)
            .Where(key => !Foreign.Contains(key) && !Later.ContainsKey(key) && !SettingsSection.All.Any(section => Same(section.Name, key)))
            .Where(key => provider is not EnvironmentVariablesConfigurationProvider || provider.GetChildKeys([], key).Any(IsOurs))
            .Select(key => $"{key}: there is no such setting. The groups are {groups}.");
    }

    private static bool IsOurs(string name) => SettingsSection.All.SelectMany(section => SettingsSection.SettingsOf(section.Options)).Any(setting => Same(setting.Name, name));

    private static void CheckMembers(IConfigurationSection section, Type type, List<string> errors)
    {
        var settings = SettingsSection.SettingsOf(type);
        foreach (var child in section.GetChildren())
        {
            if (settings.FirstOrDefault(setting => Same(setting.Name, child.Key)) is { } known)
            {
                CheckValue(child, known.PropertyType, errors);
            }
            else
            {
                errors.Add($"{child.Path}: there is no such setting. {section.Path} has {string.Join(", ", settings.Select(setting => setting.Name))}.");
            }
        }
    }

    private static void CheckValue(IConfigurationSection section, Type type, List<string> errors)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (SettingsSection.ElementOf(type) is { } element)
        {
            if (!string.IsNullOrEmpty(section.Value))
            {
                errors.Add($"{section.Path} must be a list: {section.Path}:0, {section.Path}:1 and so on.");
            }

            foreach (var item in section.GetChildren())
            {
                CheckValue(item, element, errors);
            }
        }
        else if (!IsSingle(type))
        {
            CheckMembers(section, type, errors);
        }
        else if (section.GetChildren().Any())
        {
            errors.Add($"{section.Path} must be a single value.");
        }
        else if (section.Value is { Length: > 0 } value && !CanBe(type, value))
        {
            errors.Add($"{section.Path} is '{value}', but must be {Kind(type)}.");
        }
    }

    private static bool IsSingle(Type type) => TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string));

    private static bool CanBe(Type type, string value)
    {
        try
        {
            var read = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value);
            return read is not null && (!type.IsEnum || Enum.IsDefined(type, read));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string Kind(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(double) || type == typeof(decimal) ? "a number, with a point for decimals"
        : type == typeof(TimeSpan) ? "a time span such as 00:30:00 (hours, minutes, seconds)"
        : type == typeof(Uri) ? "an address"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : $"a {type.Name}";

    // The values themselves are not repeated: one may be a key.
    private static void Validate(string path, object options, List<string> errors)
    {
        foreach (var property in SettingsSection.SettingsOf(options.GetType()))
        {
            var name = $"{path}:{property.Name}";
            var value = property.GetValue(options);
            var context = new ValidationContext(options) { MemberName = property.Name, DisplayName = name };
            errors.AddRange(property.GetCustomAttributes<ValidationAttribute>()
                .Select(rule => rule.GetValidationResult(value, context)?.ErrorMessage)
                .OfType<string>()
                .Select(error => error.Contains(property.Name, StringComparison.Ordinal) ? error : $"{name}: {error}"));
            if (value is System.Collections.IList list && SettingsSection.ElementOf(property.PropertyType) is { } element && !IsSingle(element))
            {
                for (var at = 0; at < list.Count; at++)
                {
                    Validate(string.Create(CultureInfo.InvariantCulture, $"{name}:{at}"), list[at]!, errors);
                }
            }
        }
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
