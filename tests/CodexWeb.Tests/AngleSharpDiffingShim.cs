using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace CodexWeb.Tests;

/// <summary>bUnit is built against AngleSharp.Diffing 1.1.1; the package source has 0.17.0 only.</summary>
internal static class AngleSharpDiffingShim
{
    // The runtime refuses a lower assembly version than the one asked for. Ask again without a version.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "A test assembly has no entry point of its own.")]
    internal static void Initialize() =>
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
            name is { Name: "AngleSharp.Diffing", Version: not null }
                ? context.LoadFromAssemblyName(new AssemblyName(name.Name))
                : null;
}
