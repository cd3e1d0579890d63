using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using SQLitePCL;

namespace CodexWeb.Data;

/// <summary>
/// Runs EF Core's SQLite provider on the system's SQLite library, through SQLitePCLRaw 2.0.6: the one version that the
/// package source has, where EF Core is built against 2.1.
/// </summary>
internal static class SqliteLibrary
{
    private static readonly Lazy<bool> Ready = new(() =>
    {
        // The runtime refuses a lower assembly version than the one asked for. Ask again without a version.
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
            name is { Name: "SQLitePCLRaw.core", Version: not null }
                ? context.LoadFromAssemblyName(new AssemblyName(name.Name))
                : null;
        SetProvider();
        return true;
    });

    /// <summary>To be called before the first use of EF Core's SQLite provider.</summary>
    public static void Use() => _ = Ready.Value;

    // On its own: its types may only be looked at once the handler above is there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SetProvider()
    {
        NativeLibrary.SetDllImportResolver(
            typeof(SQLite3Provider_e_sqlite3).Assembly,
            static (_, assembly, searchPath) => NativeLibrary.Load(FileName, assembly, searchPath));
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
    }

    private static string FileName =>
        OperatingSystem.IsWindows() ? "winsqlite3" :
        OperatingSystem.IsMacOS() ? "libsqlite3.dylib" :
        "libsqlite3.so.0";
}
