using Anneal.Onnx;
using Anneal.Training.Data.Datasets;

namespace Anneal.Training.Data;

/// <summary>Datasets made of lists, of functions and of other datasets.</summary>
public static class Dataset
{
    /// <summary>The samples of a list, which stays where it is.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="labelOf">The class of a sample, for stratified splits and balanced orders; or null.</param>
    /// <param name="classNames">The names of the classes; or null.</param>
    /// <exception cref="AnnealException">The samples hold memory and would be disposed when first used; use <see cref="Generate"/>.</exception>
    public static IDataset<T> From<T>(IReadOnlyList<T> samples, Func<T, int>? labelOf = null, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (typeof(IDisposable).IsAssignableFrom(typeof(T)))
            throw new AnnealException(
                $"A {typeof(T).Name} belongs to who asked for it, so a list of them can be used once only; make each anew with {nameof(Dataset)}.{nameof(Generate)}.");
        return new GeneratedDataset<T>(samples.Count, index => samples[index], labelOf is null ? null : index => labelOf(samples[index]), classNames, null);
    }

    /// <summary>Samples that a function makes, again and again and on any thread.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="make">Makes a sample of its number.</param>
    /// <param name="labelOf">The class of a sample by its number; or null.</param>
    /// <param name="classNames">The names of the classes; or null.</param>
    /// <param name="nameOf">What errors call a sample, by its number; or null.</param>
    public static IDataset<T> Generate<T>(
        int count, Func<int, T> make, Func<int, int>? labelOf = null, IReadOnlyList<string>? classNames = null, Func<int, string>? nameOf = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentNullException.ThrowIfNull(make);
        return new GeneratedDataset<T>(count, make, labelOf, classNames, nameOf);
    }

    /// <summary>Every sample turned into another; classes and names stay. What a sample held is the function's to dispose.</summary>
    public static IDataset<TResult> Map<T, TResult>(this IDataset<T> dataset, Func<T, TResult> map)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(map);
        return new MappedDataset<T, TResult>(dataset, map);
    }

    /// <summary>Some of the samples, in the order given.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="indices">The samples' numbers; one may come twice.</param>
    public static IDataset<T> Subset<T>(this IDataset<T> dataset, IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(indices);
        return new SubsetDataset<T>(dataset, indices);
    }

    /// <summary>The samples of several datasets, one dataset after the other. Their classes must have the same names.</summary>
    /// <exception cref="AnnealException">The classes have other names.</exception>
    public static IDataset<T> Concat<T>(params IReadOnlyList<IDataset<T>> datasets)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        return new ConcatDataset<T>(datasets);
    }

    /// <summary>Two datasets out of one, such as for training and for validation. The same seed gives the same parts.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="share">The first part's share of the samples, from 0 to 1.</param>
    /// <param name="seed">Which of the many possible parts.</param>
    /// <param name="stratified">Whether each class is divided in this share, rather than the samples as a whole.</param>
    /// <exception cref="AnnealException">The classes are to be divided and are not known.</exception>
    public static (IDataset<T> First, IDataset<T> Second) Split<T>(this IDataset<T> dataset, double share, ulong seed, bool stratified = true)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (share is not (>= 0 and <= 1))
            throw new AnnealException($"A part's share of a dataset is a number from 0 to 1, not {share}.");
        var draws = new Draws(seed).For("split");
        var parts = stratified
            ? Division.OfClasses(Labels(dataset), share, draws)
            : Division.Of(dataset.Count, share, draws);
        return (dataset.Subset(parts.First), dataset.Subset(parts.Second));
    }

    /// <summary>The class of every sample.</summary>
    /// <exception cref="AnnealException">One is not known without reading the sample.</exception>
    public static int[] Labels<T>(this IDataset<T> dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var labels = new int[dataset.Count];
        for (var i = 0; i < labels.Length; i++)
            labels[i] = dataset.LabelOf(i)
                ?? throw new AnnealException($"The class of sample {i} is not known before the sample is read; state it when the dataset is made (labelOf), or do without classes.");
        return labels;
    }
}
