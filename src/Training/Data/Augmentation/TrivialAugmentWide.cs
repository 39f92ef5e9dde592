using Anneal.Training.Data.Pixels;
using Anneal.Zoo.Images;

namespace Anneal.Training.Data;

/// <summary>
/// One of fourteen changes, each as likely, with one of 31 strengths (Müller and Hutter, "TrivialAugment: Tuning-free Yet State-of-the-Art Data
/// Augmentation", 2021, the wide space), with torchvision's strengths and Pillow's arithmetic.
/// </summary>
public sealed record TrivialAugmentWide : PictureAugmentation<WideChange>
{
    private const int Strengths = 31;

    private static readonly WideChangeKind[] Kinds = Enum.GetValues<WideChangeKind>();

    /// <summary>How a pixel between pixels is found; nearest by default.</summary>
    public Interpolation Interpolation { get; init; }

    /// <summary>The brightness of what comes from outside of the picture, in every channel; black by default.</summary>
    public byte Fill { get; init; }

    /// <inheritdoc/>
    public override WideChange Draw(Draws draws, int height, int width)
    {
        var kind = Kinds[draws.Below(Kinds.Length, 0)];
        var strength = draws.Below(Strengths, 1);
        var magnitude = Magnitude(kind, strength);
        return new(kind, IsSigned(kind) && draws.Below(2, 2) == 1 ? -magnitude : magnitude);
    }

    /// <inheritdoc/>
    public override Picture Apply(Picture picture, WideChange parameters)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var magnitude = parameters.Magnitude;
        switch (parameters.Kind)
        {
            case WideChangeKind.Identity: return picture;
            case WideChangeKind.ShearX: return Move(picture, new(0, 0, 0, 1, Degrees(magnitude), 0), 0, 0);
            case WideChangeKind.ShearY: return Move(picture, new(0, 0, 0, 1, 0, Degrees(magnitude)), 0, 0);
            case WideChangeKind.TranslateX: return Move(picture, new(0, (int)magnitude, 0, 1, 0, 0), picture.Width * 0.5, picture.Height * 0.5);
            case WideChangeKind.TranslateY: return Move(picture, new(0, 0, (int)magnitude, 1, 0, 0), picture.Width * 0.5, picture.Height * 0.5);
            case WideChangeKind.Rotate: return Rotation.Run(picture, magnitude, Interpolation, Fill);
            case WideChangeKind.Brightness: Blending.Brightness(picture, 1 + magnitude); break;
            case WideChangeKind.Color: Blending.Saturation(picture, 1 + magnitude); break;
            case WideChangeKind.Contrast: Blending.Contrast(picture, 1 + magnitude); break;
            case WideChangeKind.Sharpness: Blending.Sharpness(picture, 1 + magnitude); break;
            case WideChangeKind.Posterize: PointTables.Posterize(picture, (int)magnitude); break;
            case WideChangeKind.Solarize: PointTables.Solarize(picture, magnitude); break;
            case WideChangeKind.AutoContrast: PointTables.AutoContrast(picture); break;
            case WideChangeKind.Equalize: PointTables.Equalize(picture); break;
            default: throw new ArgumentOutOfRangeException(nameof(parameters), parameters.Kind, "No such change.");
        }
        return picture;
    }

    /// <inheritdoc/>
    public override string ToString() => $"trivial augment, wide ({Interpolation})";

    /// <summary>How much a strength of 0 to 30 is.</summary>
    internal static double Magnitude(WideChangeKind kind, int strength)
    {
        const int Most = Strengths - 1;
        return kind switch
        {
            WideChangeKind.TranslateX or WideChangeKind.TranslateY => 32.0 * strength / Most,
            WideChangeKind.Rotate => 135.0 * strength / Most,
            WideChangeKind.Posterize => 8 - Math.Round(6.0 * strength / Most),
            WideChangeKind.Solarize => 255 - (255.0 * strength / Most),
            WideChangeKind.Identity or WideChangeKind.AutoContrast or WideChangeKind.Equalize => 0,
            _ => 0.99 * strength / Most,
        };
    }

    private static bool IsSigned(WideChangeKind kind) => kind is > WideChangeKind.Identity and < WideChangeKind.Posterize;

    // A shear of so many columns a row is one of the angle whose tangent that is.
    private static double Degrees(double slope) => Math.Atan(slope) * (180 / Math.PI);

    private Picture Move(Picture picture, AffineMotion motion, double centerX, double centerY) =>
        Warp.Run(picture, AffineMatrix.Of(motion, centerX, centerY), Interpolation, Fill);
}
