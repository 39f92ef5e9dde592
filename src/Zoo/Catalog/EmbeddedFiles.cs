namespace Anneal.Zoo;

/// <summary>The model files inside this library.</summary>
internal static class EmbeddedFiles
{
    /// <summary>Opens a file, or gives null when there is none of this name.</summary>
    public static Stream? Open(string name) => typeof(EmbeddedFiles).Assembly.GetManifestResourceStream($"models/{name}");
}
