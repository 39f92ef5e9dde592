namespace Anneal.Zoo;

/// <summary>The bytes that a source sends, and what it said of them.</summary>
internal sealed class SourceBody(Stream stream, IDisposable? owner) : IAsyncDisposable
{
    /// <summary>The bytes.</summary>
    public Stream Stream => stream;

    /// <summary>Where in the file they begin: 0, or the number of bytes kept from an earlier attempt.</summary>
    public long Offset { get; init; }

    /// <summary>The length of the whole file as announced, or null when the source did not say.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>What lets these bytes be continued later, or null.</summary>
    public Validator? Validator { get; init; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        owner?.Dispose();
    }
}
