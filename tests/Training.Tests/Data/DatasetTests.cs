using Anneal.Onnx;
using Anneal.Training.Data;

namespace Anneal.Training.Tests.Data;

/// <summary>Datasets made of other datasets.</summary>
public sealed class DatasetTests
{
    private static readonly IDataset<string> Letters = Dataset.From(["a", "b", "c", "d", "e", "f"], letter => (letter[0] - 'a') % 2, ["even", "odd"]);

    [Fact]
    public void A_subset_has_the_samples_it_names_and_their_classes()
    {
        var subset = Letters.Subset([4, 1, 1]);
        Assert.Equal(["e", "b", "b"], All(subset));
        Assert.Equal([0, 1, 1], subset.Labels());
        Assert.Equal(["even", "odd"], subset.ClassNames);
        Assert.Contains("sample 6", Assert.Throws<AnnealException>(() => Letters.Subset([0, 6])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Joined_datasets_follow_one_another()
    {
        var joined = Dataset.Concat(Letters.Subset([0, 1]), Letters.Subset([]), Letters.Subset([5]), Letters.Subset([2, 3]));
        Assert.Equal(["a", "b", "f", "c", "d"], All(joined));
        Assert.Equal([0, 1, 1, 0, 1], joined.Labels());
        Assert.Throws<ArgumentOutOfRangeException>(() => joined[5]);
    }

    [Fact]
    public void Joined_datasets_need_the_same_classes()
    {
        var other = Dataset.From(["x"], _ => 0, ["odd", "even"]);
        var error = Assert.Throws<AnnealException>(() => Dataset.Concat(Letters, other));
        Assert.Contains("(even, odd)", error.Message, StringComparison.Ordinal);
        Assert.Contains("(odd, even)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mapped_dataset_changes_samples_and_keeps_classes()
    {
        var mapped = Letters.Map(letter => letter[0] - 'a');
        Assert.Equal([0, 1, 2, 3, 4, 5], All(mapped));
        Assert.Equal(Letters.Labels(), mapped.Labels());
        Assert.Equal(Letters.ClassNames, mapped.ClassNames);
    }

    [Theory]
    [InlineData(0.8, 21)]
    [InlineData(0.5, 13)]
    [InlineData(0, 0)]
    [InlineData(1, 26)]
    public void A_stratified_split_has_its_share_of_each_class_and_of_the_whole(double share, int expected)
    {
        // 15, 8 and 3 samples of three classes.
        var dataset = Dataset.Generate(26, i => i, i => i < 15 ? 0 : i < 23 ? 1 : 2);
        var (first, second) = dataset.Split(share, seed: 3);
        Assert.Equal(expected, first.Count);
        Assert.Equal(Enumerable.Range(0, 26), All(first).Concat(All(second)).Order());
        Assert.Equal(All(first).Order(), All(first));
        foreach (var (label, size) in new[] { (0, 15), (1, 8), (2, 3) })
            Assert.InRange(first.Labels().Count(one => one == label), Math.Floor(share * size), Math.Ceiling(share * size));
    }

    [Fact]
    public void A_split_depends_on_its_seed_alone()
    {
        var dataset = Dataset.Generate(100, i => i, i => i % 5);
        Assert.Equal(All(dataset.Split(0.7, 1).First), All(dataset.Split(0.7, 1).First));
        Assert.NotEqual(All(dataset.Split(0.7, 1).First), All(dataset.Split(0.7, 2).First));
        Assert.Equal(70, dataset.Split(0.7, 1, stratified: false).First.Count);
    }

    [Fact]
    public void A_stratified_split_without_classes_is_refused()
    {
        var dataset = Dataset.Generate(10, i => i);
        Assert.Contains("class of sample 0", Assert.Throws<AnnealException>(() => dataset.Split(0.5, 1)).Message, StringComparison.Ordinal);
        Assert.Equal(5, dataset.Split(0.5, 1, stratified: false).First.Count);
        Assert.Contains("1.5", Assert.Throws<AnnealException>(() => dataset.Split(1.5, 1, stratified: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_samples_that_hold_memory_is_refused() =>
        Assert.Contains("once only", Assert.Throws<AnnealException>(() => Dataset.From<PictureSample>([])).Message, StringComparison.Ordinal);

    private static T[] All<T>(IDataset<T> dataset) => [.. Enumerable.Range(0, dataset.Count).Select(i => dataset[i])];
}
