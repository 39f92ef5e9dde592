using System.Runtime.InteropServices;
using Anneal.Onnx;

namespace Anneal.Zoo;

/// <summary>Where the cache lies when nobody says: <c>ANNEAL_HOME</c>, else <c>anneal</c> in the platform's folder for caches.</summary>
internal static class ModelCacheLocation
{
    /// <summary>The folder for this process.</summary>
    public static string Current() => Find(
        Environment.GetEnvironmentVariable,
        OperatingSystem.IsWindows() ? OSPlatform.Windows : OperatingSystem.IsMacOS() ? OSPlatform.OSX : OSPlatform.Linux,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>The folder for these variables, this platform and this home folder (empty where there is none).</summary>
    public static string Find(Func<string, string?> variable, OSPlatform platform, string userProfile)
    {
        if (variable("ANNEAL_HOME") is { Length: > 0 } given)
            return Path.GetFullPath(given);
        return Path.Combine(CacheFolder(variable, platform, userProfile), "anneal");
    }

    private static string CacheFolder(Func<string, string?> variable, OSPlatform platform, string userProfile)
    {
        if (platform == OSPlatform.Windows && variable("LOCALAPPDATA") is { Length: > 0 } local)
            return local;
        // The XDG base directory specification: a relative path there is invalid and is to be ignored.
        if (platform == OSPlatform.Linux && variable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg))
            return xdg;
        if (userProfile.Length == 0)
            throw new AnnealException("There is no home folder to keep models in. Set ANNEAL_HOME to a folder that can be written.");
        if (platform == OSPlatform.Windows)
            return Path.Combine(userProfile, "AppData", "Local");
        return platform == OSPlatform.OSX ? Path.Combine(userProfile, "Library", "Caches") : Path.Combine(userProfile, ".cache");
    }
}
