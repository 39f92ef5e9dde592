namespace Anneal.Zoo.Images;

/// <summary>
/// From a path to a model's input: an image file, or one picture of an IDX file. The IDX file last asked for stays in memory, because its
/// pictures are asked for one after the other. Safe to use from many threads at once.
/// </summary>
internal sealed class PictureReader(Preprocessor preprocessor)
{
    private readonly Lock _gate = new();
    private (string Path, Lazy<Idx> Idx)? _last;

    /// <summary>Reads a picture into a slot; gives what a user should know.</summary>
    /// <exception cref="Onnx.AnnealException">There is no such picture, or it cannot be read.</exception>
    public IReadOnlyList<string> Read(string path, Span<float> slot)
    {
        if (!IdxPicture.TryParse(path, out var wanted))
            return preprocessor.Read(path, slot);
        var idx = Open(wanted.File);
        if (wanted.Index >= idx.Shape[0])
            throw new InvalidImageException($"{path}: there is no picture {wanted.Index}; the file holds {idx.Shape[0]}, counted from 0.");
        using var picture = idx.Picture(wanted.Index);
        preprocessor.Run(picture, slot);
        return [];
    }

    private Idx Open(string path)
    {
        lock (_gate)
        {
            if (_last?.Path != path)
                _last = (path, new(() => Idx.Read(path)));
            return _last.Value.Idx.Value;
        }
    }
}
