namespace Anneal.Training.Data;

/// <summary>How a pixel between pixels is found, as in Pillow's <c>Image.transform</c>.</summary>
public enum Interpolation
{
    /// <summary>The nearest pixel.</summary>
    Nearest,

    /// <summary>The four neighbours, weighed by their distance.</summary>
    Bilinear,
}
