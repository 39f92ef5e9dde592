namespace Anneal.Zoo;

/// <summary>A file in the cache.</summary>
/// <param name="Sha256">Its digest, 64 lower-case hexadecimal digits.</param>
/// <param name="SizeBytes">Its length on the disk.</param>
/// <param name="Names">What it was asked for as, in the order of asking.</param>
/// <param name="Path">Its full path.</param>
/// <param name="Source">The address it came from, or null when it came in a bundle.</param>
/// <param name="AddedAt">When it came.</param>
public sealed record CachedModel(string Sha256, long SizeBytes, IReadOnlyList<string> Names, string Path, string? Source, DateTimeOffset AddedAt);

/// <summary>A download that was cut off and will be resumed.</summary>
/// <param name="Sha256">The digest of the file it will become.</param>
/// <param name="SizeBytes">The bytes that have come so far.</param>
/// <param name="Source">The address they came from, or null when they cannot be continued.</param>
public sealed record PartialDownload(string Sha256, long SizeBytes, string? Source);

/// <summary>What hashing a cached file again showed.</summary>
/// <param name="Model">The file as it was found.</param>
/// <param name="ReceivedSha256">The digest of its bytes now.</param>
public sealed record CacheCheck(CachedModel Model, string ReceivedSha256)
{
    /// <summary>Whether the file still is what its place says. One that is not has been removed.</summary>
    public bool IsGood => ReceivedSha256 == Model.Sha256;
}
