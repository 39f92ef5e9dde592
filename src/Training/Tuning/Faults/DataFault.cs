namespace Anneal.Training.Tuning;

/// <summary>Something wrong with data.</summary>
/// <param name="Kind">What.</param>
/// <param name="Sentence">What is wrong and what to do, in full sentences.</param>
/// <param name="Items">Every class or picture that it is about, each with what is to be said of it.</param>
public sealed record DataFault(DataFaultKind Kind, string Sentence, IReadOnlyList<string> Items)
{
    // Of a list that has to fit a screen.
    private const int MostShown = 10;

    /// <summary>Whether training is possible all the same.</summary>
    public bool IsWarning => Kind >= DataFaultKind.SinglePicture;

    /// <summary>The sentence, and the first items in lines of their own.</summary>
    public override string ToString()
    {
        var lines = Items.Take(MostShown).Select(item => $"\n  {item}");
        return $"{Sentence}{string.Concat(lines)}{(Items.Count > MostShown ? $"\n  and {Items.Count - MostShown} more" : "")}";
    }
}
