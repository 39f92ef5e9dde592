using System.Runtime.CompilerServices;

namespace Anneal.Cli.Tests;

/// <summary>Every test, and every process that a test starts, has an empty zoo of its own and no network.</summary>
internal static class TestHome
{
    public static string Path { get; } = Directory.CreateTempSubdirectory("anneal-test-home-").FullName;

    [ModuleInitializer]
    internal static void Prepare()
    {
        Environment.SetEnvironmentVariable("ANNEAL_HOME", Path);
        Environment.SetEnvironmentVariable("ANNEAL_OFFLINE", "1");
        Environment.SetEnvironmentVariable("ANNEAL_DEBUG", null);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path, recursive: true);
    }
}
