namespace Anneal.Zoo;

/// <summary>Opens <c>file:</c> addresses.</summary>
internal static class FileSource
{
    /// <summary>The file's bytes from the start.</summary>
    public static SourceBody Open(Uri source)
    {
        if (source.IsUnc && !OperatingSystem.IsWindows())
            throw AttemptFailure.Lasting($"names another machine ({source.Host}); a file: address here has three slashes, as in file:///folder/name");
        if (Directory.Exists(source.LocalPath))
            throw AttemptFailure.Lasting("is a folder; name the file in it");
        try
        {
            var stream = new FileStream(source.LocalPath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return new SourceBody(stream, null) { TotalBytes = stream.Length };
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw AttemptFailure.Lasting("does not exist", missing);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw AttemptFailure.Lasting($"cannot be read: {refused.Message.TrimEnd('.')}", refused);
        }
    }
}
