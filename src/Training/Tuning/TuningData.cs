using Anneal.Onnx;
using Anneal.Training.Data;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tuning;

/// <summary>What a model is tuned with: pictures to learn from, and others to judge by.</summary>
public sealed class TuningData
{
    /// <summary>Two datasets whose classes have the same names in the same order.</summary>
    /// <param name="train">What is learned from. It says what its classes are called.</param>
    /// <param name="validation">What is judged by. None of its pictures is in <paramref name="train"/>.</param>
    /// <exception cref="AnnealException">The classes have no names, or other ones.</exception>
    public TuningData(IDataset<PictureSample> train, IDataset<PictureSample> validation)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        ClassNames = train.ClassNames ?? throw new AnnealException("The training data does not say what its classes are called: give its dataset class names.");
        if (validation.ClassNames is { } names && !names.SequenceEqual(ClassNames))
            throw new AnnealException($"The training data has the classes {Join(ClassNames)}, the validation data {Join(names)}: they must be the same, in one order.");
        (Train, Validation) = (train, validation);
    }

    /// <summary>What is learned from.</summary>
    public IDataset<PictureSample> Train { get; }

    /// <summary>What is judged by.</summary>
    public IDataset<PictureSample> Validation { get; }

    /// <summary>The names of the classes, by number.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Folders whose folders are the classes, as <see cref="ImageFolder"/> reads them.</summary>
    /// <param name="train">The folder to learn from.</param>
    /// <param name="validation">
    /// The folder to judge by; null to take a part of <paramref name="train"/> away for it. Its classes go by their names: one that it lacks is no
    /// fault, one that <paramref name="train"/> lacks is.
    /// </param>
    /// <param name="validationShare">The share of each class that is taken away, above 0 and below 1.</param>
    /// <param name="seed">Which of the many possible parts.</param>
    /// <param name="limits">How large a picture may be, or null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="DataRefusedException">A folder is missing or holds no classes, or the classes do not go together.</exception>
    public static TuningData FromFolders(string train, string? validation = null, double validationShare = 0.2, ulong seed = 0, ImageLimits? limits = null)
    {
        var folder = Open(train, limits);
        if (validation is not null)
            return new(folder, NamedAs(folder, Open(validation, limits)));
        if (validationShare is not (> 0 and < 1))
            throw new AnnealException($"The share of pictures to judge by must lie between 0 and 1; {validationShare} was given.");
        RequirePairs(folder);
        var (judged, learned) = folder.Split(validationShare, seed);
        return new(learned, judged);
    }

    private static RelabelledDataset NamedAs(ImageFolder train, ImageFolder validation)
    {
        string[] unknown = [.. validation.ClassNames.Except(train.ClassNames)];
        return unknown.Length == 0
            ? new(validation, train.ClassNames)
            : throw new DataRefusedException([new(DataFaultKind.UntrainedClass,
                $"{validation.Folder} has {(unknown.Length == 1 ? "the class" : "the classes")} {Join(unknown)}, which {train.Folder} lacks: what is never learned cannot be judged. Add pictures there, or take the folder away.", [])]);
    }

    /// <summary>A class of one picture would be learned from or judged by, not both.</summary>
    private static void RequirePairs(ImageFolder folder)
    {
        var counts = folder.Labels().CountBy(label => label).ToDictionary();
        string[] lonely = [.. folder.ClassNames.Where((_, label) => counts.GetValueOrDefault(label) == 1)];
        if (lonely.Length > 0)
            throw new DataRefusedException([new(DataFaultKind.TooFewPictures,
                $"{folder.Folder} has one picture only of {Join(lonely)}: one to learn from and one to judge by are the least. Add pictures, or give a folder to judge by.", [])]);
    }

    /// <summary>Empty classes are left to <see cref="DataFaults"/>, which names them beside all other faults.</summary>
    private static ImageFolder Open(string path, ImageLimits? limits)
    {
        try
        {
            return new(path, limits: limits, allowsEmptyClasses: true);
        }
        catch (AnnealException error)
        {
            throw new DataRefusedException([new(DataFaultKind.UnreadableFolder, error.Message, [])]);
        }
    }

    private static string Join(IReadOnlyList<string> names) => names.Count <= 8 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(8))} and {names.Count - 8} more";
}
