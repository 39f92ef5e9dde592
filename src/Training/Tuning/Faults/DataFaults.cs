using Anneal.Training.Data;

namespace Anneal.Training.Tuning;

/// <summary>
/// What is wrong with the data of a training, all of it found in one look before the training starts:
/// <code>
/// var found = DataFaults.Find(train, validation);
/// found.Require();
/// foreach (var warning in found.Warnings) …
/// </code>
/// Classes are compared by name. A folder with empty classes can be looked at too: <c>new ImageFolder(folder, allowsEmptyClasses: true)</c>.
/// </summary>
public sealed class DataFaults
{
    /// <summary>How many times the pictures of the smallest class the largest may have without a warning.</summary>
    public const int GreatestRatio = 20;

    private readonly List<DataFault> _found = [];

    private DataFaults(PictureScan training, PictureScan? validation) => (Training, Validation) = (training, validation);

    /// <summary>What makes training impossible or its figures worthless.</summary>
    public IReadOnlyList<DataFault> Faults => _found.FindAll(fault => !fault.IsWarning);

    /// <summary>What is worth knowing.</summary>
    public IReadOnlyList<DataFault> Warnings => _found.FindAll(fault => fault.IsWarning);

    /// <summary>Whether the data can be used.</summary>
    public bool IsGood => Faults.Count == 0;

    /// <summary>What was seen of the training data: a hash of each picture.</summary>
    public PictureScan Training { get; }

    /// <summary>What was seen of the validation data; null where there is none.</summary>
    public PictureScan? Validation { get; }

    /// <summary>Looks at all pictures, on all cores.</summary>
    /// <param name="training">The pictures to train on.</param>
    /// <param name="validation">The pictures to measure on, or null.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public static DataFaults Find(IDataset<PictureSample> training, IDataset<PictureSample>? validation = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        var found = new DataFaults(
            PictureScan.Run(training, decode: true, cancellation),
            validation is null ? null : PictureScan.Run(validation, decode: true, cancellation));
        found.JudgeTraining();
        if (found.Validation is { } scan)
            found.JudgeValidation(scan);
        found.JudgePictures();
        return found;
    }

    /// <summary>Refuses data with faults.</summary>
    /// <exception cref="DataRefusedException">There are some; the message has them all.</exception>
    public void Require()
    {
        if (!IsGood)
            throw new DataRefusedException(Faults);
    }

    private void JudgeTraining()
    {
        var names = Training.ClassNames;
        var counts = Counts(Training);
        var classes = names.Select((name, label) => (Name: name, Count: counts.GetValueOrDefault(label))).ToArray();
        if (names.Count < 2)
            Add(DataFaultKind.OneClass, $"A classifier needs at least two classes, and the training data has {(names.Count == 0 ? "none" : "one")}. Give each class a folder of its own with its pictures.", names);
        AddClasses(DataFaultKind.EmptyClass, classes, count => count == 0, "has no pictures to train on", "have no pictures to train on", "Add some, or remove the folder.");
        if (counts.Values.Sum() is var total && total < names.Count)
            Add(DataFaultKind.TooFewPictures, $"There are {total} pictures to train on and {names.Count} classes: each class needs some. Add pictures, or check that the folder given is the one whose folders are the classes.", []);
        AddClasses(DataFaultKind.SinglePicture, classes, count => count == 1, "has a single picture to train on", "have a single picture each to train on", "The network will learn little of it. Add more.");
        JudgeBalance(classes);
    }

    private void JudgeBalance((string Name, int Count)[] classes)
    {
        (string Name, int Count)[] filled = [.. classes.Where(named => named.Count > 0)];
        if (filled.Length == 0)
            return;
        var (least, most) = (filled.MinBy(named => named.Count), filled.MaxBy(named => named.Count));
        if (most.Count >= (long)least.Count * GreatestRatio)
            Add(DataFaultKind.Imbalance, $"Class '{most.Name}' has {most.Count} pictures and class '{least.Name}' {least.Count}. The network will lean towards the large ones: use class weights or a balanced order, or add pictures of the small ones.", []);
    }

    private void JudgeValidation(PictureScan validation)
    {
        if (validation.Pictures.Count == 0)
        {
            Add(DataFaultKind.EmptyValidation, "The validation data has no pictures. Add some, or let a share of the training data be set aside.", []);
            return;
        }
        var trained = Training.ClassNames.ToHashSet(StringComparer.Ordinal);
        var counts = Counts(validation);
        var filled = validation.ClassNames.Where((_, label) => counts.ContainsKey(label)).ToHashSet(StringComparer.Ordinal);
        AddNames(DataFaultKind.UntrainedClass, validation.ClassNames.Where(name => !trained.Contains(name)), "is in the validation data and not in the training data", "are in the validation data and not in the training data", "Name folders alike on both sides, capitals too, or remove them from the validation data.");
        AddNames(DataFaultKind.UnvalidatedClass, Training.ClassNames.Where(name => !filled.Contains(name)), "has no pictures in the validation data", "have no pictures in the validation data", "Nothing will be known of how well it is recognised. Add some.");
    }

    private void JudgePictures()
    {
        var unreadable = Training.Pictures.Concat(Validation?.Pictures ?? []).Where(picture => picture.Trouble is not null).Select(picture => picture.Trouble!).ToArray();
        if (unreadable.Length > 0)
            Add(DataFaultKind.UnreadablePicture, $"{Pictures(unreadable.Length)} cannot be read. Repair or remove {(unreadable.Length == 1 ? "it" : "them")}.", unreadable);
        var known = Known(Training);
        string[] contradictions = [.. known.Values.Where(same => same.DistinctBy(picture => picture.Label).Skip(1).Any()).Select(same => string.Join(" = ", same.Select(picture => picture.Name)))];
        if (contradictions.Length > 0)
            Add(DataFaultKind.Contradiction, $"{Pictures(contradictions.Length)} of the training data {(contradictions.Length == 1 ? "is" : "are")} in more than one class. Leave each in the one it belongs to.", contradictions);
        string[] shared = [.. (Validation?.Pictures ?? []).Where(picture => picture.Sha256 is not null && known.ContainsKey(picture.Sha256)).Select(picture => $"{picture.Name} = {known[picture.Sha256!][0].Name}")];
        if (shared.Length > 0)
            Add(DataFaultKind.SharedPicture, $"{Pictures(shared.Length)} of the validation data {(shared.Length == 1 ? "is" : "are")} in the training data as well, so that the figures would promise too much. Remove {(shared.Length == 1 ? "it" : "them")} from one side.", shared);
    }

    /// <summary>The pictures that hold the same, by their hash.</summary>
    private static Dictionary<string, PictureRecord[]> Known(PictureScan scan) => scan.Pictures
        .Where(picture => picture is { Sha256: not null, Trouble: null })
        .GroupBy(picture => picture.Sha256!)
        .ToDictionary(same => same.Key, same => same.ToArray());

    /// <summary>How many pictures of each label can be read.</summary>
    private static Dictionary<int, int> Counts(PictureScan scan) => scan.Pictures
        .Where(picture => picture is { Label: not null, Trouble: null })
        .CountBy(picture => picture.Label!.Value)
        .ToDictionary();

    private static string Pictures(int count) => count == 1 ? "One picture" : FormattableString.Invariant($"{count} pictures");

    private void AddClasses(DataFaultKind kind, (string Name, int Count)[] classes, Func<int, bool> isMeant, string one, string many, string advice) =>
        AddNames(kind, classes.Where(named => isMeant(named.Count)).Select(named => named.Name), one, many, advice);

    private void AddNames(DataFaultKind kind, IEnumerable<string> meant, string one, string many, string advice)
    {
        string[] names = [.. meant];
        if (names.Length > 0)
            Add(kind, FormattableString.Invariant($"{(names.Length == 1 ? $"Class '{names[0]}' {one}" : $"{names.Length} classes {many}")}. {advice}"), names.Length == 1 ? [] : names);
    }

    private void Add(DataFaultKind kind, string sentence, IReadOnlyList<string> items) => _found.Add(new(kind, sentence, items));
}
