namespace Anneal.Training.Data.Datasets;

/// <summary>The numbers of samples divided in two at random; each part keeps the samples' order.</summary>
internal static class Division
{
    /// <summary>All samples as one heap: the first part gets the share, rounded, halves to the even number.</summary>
    public static (int[] First, int[] Second) Of(int count, double share, Draws draws)
    {
        var taken = (int)Math.Round(share * count);
        return Sorted(draws.Permutation(count), taken);
    }

    /// <summary>
    /// Each class by itself. Rounding down leaves some over; they go to the classes that lost most by it, so that the first part has the share
    /// of the whole, too.
    /// </summary>
    public static (int[] First, int[] Second) OfClasses(int[] labels, double share, Draws draws)
    {
        var classes = labels.Select((label, index) => (label, index)).GroupBy(sample => sample.label, sample => sample.index)
            .OrderBy(group => group.Key).Select(group => (Label: group.Key, Indices: group.ToArray())).ToArray();
        var taken = Shares([.. classes.Select(one => one.Indices.Length)], share);
        var (first, second) = (new List<int>(), new List<int>());
        for (var i = 0; i < classes.Length; i++)
        {
            var indices = classes[i].Indices;
            var (mine, others) = Sorted(draws.At(classes[i].Label).Permutation(indices.Length), taken[i]);
            first.AddRange(mine.Select(place => indices[place]));
            second.AddRange(others.Select(place => indices[place]));
        }
        return ([.. first.Order()], [.. second.Order()]);
    }

    private static int[] Shares(int[] counts, double share)
    {
        int[] taken = [.. counts.Select(count => (int)(share * count))];
        var left = (int)Math.Round(share * counts.Sum()) - taken.Sum();
        var byLoss = Enumerable.Range(0, counts.Length).OrderByDescending(i => (share * counts[i]) - taken[i]).ThenBy(i => i);
        foreach (var i in byLoss.Take(left))
            taken[i]++;
        return taken;
    }

    private static (int[] First, int[] Second) Sorted(int[] order, int taken) =>
        ([.. order.Take(taken).Order()], [.. order.Skip(taken).Order()]);
}
