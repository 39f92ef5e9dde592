using Anneal.Onnx;

namespace Anneal.Zoo.Images;

/// <summary>What must be true of a card's steps before a picture is touched.</summary>
internal static class PreprocessingRules
{
    private const int LargestSide = 1 << 14;

    /// <summary>The rows the steps themselves fix.</summary>
    internal static int FixedHeight(this Preprocessing steps) => Fixed(steps, crop => crop.Height, resize => resize.Height);

    /// <summary>The columns the steps themselves fix.</summary>
    internal static int FixedWidth(this Preprocessing steps) => Fixed(steps, crop => crop.Width, resize => resize.Width);

    /// <summary>Refuses steps that contradict themselves or the model's input.</summary>
    internal static void Validate(this Preprocessing steps, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(steps);
        RequireKnown(steps.Color);
        RequireKnown(steps.Orientation);
        RequireKnown(steps.Layout);
        RequireSide("The model's input", height, width);
        var channels = steps.Color == ColorOrder.Gray ? 1 : 3;
        RequireNumbers("Mean", steps.Mean, channels, steps.Color, allowZero: true);
        RequireNumbers("Std", steps.Std, channels, steps.Color, allowZero: false);
        if (!float.IsFinite(steps.Divide) || steps.Divide == 0)
            throw new AnnealException($"Preprocessing: Divide is {steps.Divide}; it must be a number other than 0: 255 for 0 to 1, 1 to keep bytes.");
        if (steps.Resize is { } resize)
            ValidateResize(resize);
        ValidateSize(steps, height, width);
    }

    private static int Fixed(Preprocessing steps, Func<Crop, int> crop, Func<Resize, int> resize)
    {
        ArgumentNullException.ThrowIfNull(steps);
        return steps.Crop is not null ? crop(steps.Crop)
            : steps.Resize?.Mode == ResizeMode.Stretch ? resize(steps.Resize)
            : throw new AnnealException("Preprocessing: the steps fix no size (no crop, no stretch); state the height and width of the model's input.");
    }

    private static void RequireKnown<T>(T value) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new AnnealException($"Preprocessing: {value} is no {typeof(T).Name}; there are {string.Join(", ", Enum.GetNames<T>())}.");
    }

    private static void RequireSide(string what, int height, int width)
    {
        if (height is < 1 or > LargestSide || width is < 1 or > LargestSide)
            throw new AnnealException($"Preprocessing: {what} is {height} x {width} (height x width); each side must be 1 to {LargestSide}.");
    }

    private static void RequireNumbers(string name, IReadOnlyList<float>? numbers, int channels, ColorOrder color, bool allowZero)
    {
        if (numbers is null)
            return;
        if (numbers.Count != channels)
            throw new AnnealException($"Preprocessing: {name} has {numbers.Count} numbers; {color} has {channels} channels.");
        foreach (var number in numbers)
            if (!float.IsFinite(number) || (number == 0 && !allowZero))
                throw new AnnealException($"Preprocessing: {name} holds {number}; it must be a number{(allowZero ? "" : " other than 0")}.");
    }

    private static void ValidateResize(Resize resize)
    {
        RequireKnown(resize.Mode);
        RequireKnown(resize.Filter);
        RequireKnown(resize.Style);
        RequireSide("Resize", resize.Height, resize.Width);
        if (resize.Mode == ResizeMode.ShorterSide && resize.Height != resize.Width)
            throw new AnnealException($"Preprocessing: Resize to a shorter side needs equal Height and Width; they are {resize.Height} and {resize.Width}.");
        if (resize.Style == ResizeStyle.OpenCv && resize.Filter != ResizeFilter.Bilinear)
            throw new AnnealException($"Preprocessing: of OpenCV's filters only Bilinear is computed, not {resize.Filter}.");
    }

    private static void ValidateSize(Preprocessing steps, int height, int width)
    {
        var (what, givenHeight, givenWidth) = steps switch
        {
            { Crop: { } crop } => ("Crop", crop.Height, crop.Width),
            { Resize: { Mode: ResizeMode.Stretch } resize } => ("Resize", resize.Height, resize.Width),
            _ => ("", height, width),
        };
        RequireSide(what, givenHeight, givenWidth);
        if (givenHeight != height || givenWidth != width)
            throw new AnnealException(
                $"Preprocessing: {what} gives {givenHeight} x {givenWidth} (height x width); the model takes {height} x {width}.");
    }
}
