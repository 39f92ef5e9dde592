using Anneal.Onnx;
using Anneal.Zoo;

namespace Anneal.Training.Tuning;

/// <summary>The files of one frozen part's features. Several programs may write into it at once: a file's name says what it holds, and it appears whole.</summary>
internal sealed class FeatureStore(string cacheFolder, ContentHash space)
{
    private readonly string _folder = Path.Combine(cacheFolder, space.ToFileName());

    /// <summary>Opens what is there. Damaged and foreign files are removed: their features are computed anew.</summary>
    public List<FeatureChunk> Open() => Guard(() =>
    {
        Directory.CreateDirectory(_folder);
        var chunks = new List<FeatureChunk>();
        foreach (var file in new DirectoryInfo(_folder).GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal))
            if (FeatureCache.IsAbandoned(file))
                file.Delete();
            else if (file.Name.EndsWith(FeatureCache.Ending, StringComparison.Ordinal) && Open(file) is { } chunk)
                chunks.Add(chunk);
        return chunks;
    });

    /// <summary>Writes a file of features and opens it.</summary>
    public FeatureChunk Add(ReadOnlyMemory<ContentHash> pictures, TensorShape shape, ReadOnlyMemory<float> rows) => Guard(() =>
    {
        var path = Path.Combine(_folder, NameOf(pictures.Span) + FeatureCache.Ending);
        // Another program may have trimmed the cache, and the empty folder with it.
        Directory.CreateDirectory(_folder);
        FeatureChunk.Write(path, space, pictures.Span, shape, rows.Span);
        return FeatureChunk.Open(path, space) ?? throw new AnnealException($"{path} was written and does not read back as it was: the disk is not to be trusted. Use another folder.");
    });

    /// <summary>Says before anything is computed that there is no room.</summary>
    public void RequireRoom(long bytesNeeded, Func<string, long> freeBytes)
    {
        var free = Guard(() => freeBytes(_folder));
        if (free < bytesNeeded)
            throw new AnnealException(
                $"The disk that holds the features' folder {cacheFolder} is full: the features need {bytesNeeded:N0} bytes and {free:N0} are free. Free some space, trim the cache, or name a folder on another disk.");
    }

    private FeatureChunk? Open(FileInfo file)
    {
        try
        {
            if (FeatureChunk.Open(file.FullName, space) is not { } chunk)
            {
                file.Delete();
                return null;
            }
            file.LastWriteTimeUtc = DateTime.UtcNow;
            return chunk;
        }
        catch (FileNotFoundException)
        {
            // Another program has trimmed the cache meanwhile.
            return null;
        }
    }

    private static string NameOf(ReadOnlySpan<ContentHash> pictures)
    {
        var bytes = new byte[pictures.Length * ContentHash.Size];
        for (var i = 0; i < pictures.Length; i++)
            pictures[i].Write(bytes.AsSpan(i * ContentHash.Size));
        return ContentHash.Of(bytes).ToFileName();
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception trouble) when (DiskTrouble.Is(trouble))
        {
            throw new AnnealException(
                $"The features' folder {cacheFolder} cannot be used: {trouble.Message.TrimEnd('.')}. Free some space on its disk or check its permissions, or name another folder; features that were finished are kept.", trouble);
        }
    }
}
