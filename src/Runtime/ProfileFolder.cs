namespace Anneal.Runtime;

/// <summary>A temporary folder for ONNX Runtime's profile, gone when disposed.</summary>
internal sealed class ProfileFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("anneal-profile-").FullName;

    /// <summary>What the profile's path begins with.</summary>
    public string Prefix => Path.Combine(_path, "run");

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
