namespace Anneal.Zoo.Images;

/// <summary>Where a resampler puts its rows, from the top down, each one once.</summary>
internal unsafe interface IRowSink
{
    /// <summary>Takes row <paramref name="y"/> of the window; the pixels are valid during the call only.</summary>
    void Put(int y, byte* pixels);
}
