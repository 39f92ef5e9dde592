namespace Anneal.Onnx.Ops;

/// <summary>
/// A sum of products that names every axis: <c>ij,jk-&gt;ik</c> is the matrix product (ONNX operator <c>Einsum</c>, after NumPy's). An axis is a letter;
/// letters that the output lacks are summed over; <c>...</c> stands for axes without a name, which broadcast. Without an arrow the output
/// has the letters that occur once, in alphabetical order, behind the axes without a name.
/// </summary>
public sealed record Einsum : Op
{
    private const string Ellipsis = "...";

    /// <summary>The equation; required.</summary>
    public string Equation { get; init; } = "";

    private protected override Op Through(AttributeVisitor attributes) => this with { Equation = attributes.RequiredText("equation", Equation) };

    internal override void Infer(Inference facts)
    {
        var sides = Equation.Replace(" ", "", StringComparison.Ordinal).Split("->");
        var terms = sides[0].Split(',');
        if (sides.Length > 2 || terms.Length != facts.InputCount)
            throw facts.Refuse($"the equation '{Equation}' should have a term for each of the {facts.InputCount} inputs and at most one arrow");
        var output = sides.Length == 2 ? sides[1] : Implied(sides[0]);
        var axes = new Dictionary<char, Dim>();
        // The axes without a name of all inputs together; null when a rank is not known.
        Shape? nameless = Shape.Scalar;
        for (var i = 0; i < terms.Length; i++)
            nameless = facts.Broadcast(nameless, Note(facts, i, terms[i], axes));
        facts.Output(0, facts.SameType([.. Enumerable.Range(0, facts.InputCount)]), Result(facts, output, axes, nameless));
    }

    /// <summary>Every combination of all axes is one product of all inputs, summed; engines that multiply pair by pair need fewer.</summary>
    internal override Cost Count(CostFacts facts)
    {
        var terms = Equation.Replace(" ", "", StringComparison.Ordinal).Split("->")[0].Split(',');
        var (axes, nameless) = (new Dictionary<char, double>(), 1d);
        for (var i = 0; i < terms.Length; i++)
        {
            if (facts.Elements(i) is null || facts.Shape(i) is not { } shape)
                return Cost.Unknown;
            var letters = terms[i].Replace(Ellipsis, "", StringComparison.Ordinal);
            var before = terms[i].IndexOf(Ellipsis, StringComparison.Ordinal) is >= 0 and var dots ? dots : letters.Length;
            for (var at = 0; at < letters.Length; at++)
                axes[letters[at]] = Math.Max(axes.GetValueOrDefault(letters[at], 1), shape[at < before ? at : shape.Rank - letters.Length + at].Value);
            nameless = Math.Max(nameless, shape.Skip(before).Take(shape.Rank - letters.Length).Aggregate(1d, (product, dim) => product * dim.Value));
        }
        var combinations = axes.Values.Aggregate(nameless, (product, extent) => product * extent);
        return terms.Length == 1 ? Cost.Of(combinations) : new((terms.Length - 1) * combinations, 0);
    }

    private static string Implied(string terms)
    {
        var once = terms.Where(char.IsAsciiLetter).GroupBy(letter => letter).Where(group => group.Count() == 1).Select(group => group.Key).Order();
        return (terms.Contains(Ellipsis, StringComparison.Ordinal) ? Ellipsis : "") + string.Concat(once);
    }

    /// <summary>Notes the extents of the letters of one term.</summary>
    /// <returns>The extents that the ellipsis stands for; null when they are not known.</returns>
    private Shape? Note(Inference facts, int index, string term, Dictionary<char, Dim> axes)
    {
        var (before, after, hasEllipsis) = Parse(facts, term);
        var letters = before + after;
        var shape = facts.Shape(index);
        if (shape is not null && (hasEllipsis ? shape.Rank < letters.Length : shape.Rank != letters.Length))
            throw facts.Refuse($"the term '{term}' does not fit the {shape.Rank} axes of input {index}");
        for (var i = 0; i < letters.Length; i++)
        {
            var extent = shape?[i < before.Length ? i : shape.Rank - letters.Length + i] ?? Dim.Unknown;
            axes[letters[i]] = axes.TryGetValue(letters[i], out var noted) ? facts.Broadcast(new(noted), new(extent))![0] : extent;
        }
        return hasEllipsis ? shape is null ? null : new([.. shape.Skip(before.Length).Take(shape.Rank - letters.Length)]) : Shape.Scalar;
    }

    private (string Before, string After, bool HasEllipsis) Parse(Inference facts, string term)
    {
        var parts = term.Split(Ellipsis);
        if (parts.Length > 2 || !parts.All(part => part.All(char.IsAsciiLetter)))
            throw facts.Refuse($"the term '{term}' of the equation '{Equation}' should be letters with at most one '{Ellipsis}'");
        return (parts[0], parts.Length == 2 ? parts[1] : "", parts.Length == 2);
    }

    private Shape? Result(Inference facts, string output, Dictionary<char, Dim> axes, Shape? nameless)
    {
        var (before, after, hasEllipsis) = Parse(facts, output);
        foreach (var letter in before + after)
            if (!axes.ContainsKey(letter))
                throw facts.Refuse($"the output of the equation '{Equation}' names '{letter}', which no input has");
        if (hasEllipsis && nameless is null)
            return null;
        return new([.. before.Select(letter => axes[letter]), .. hasEllipsis ? nameless! : Shape.Scalar, .. after.Select(letter => axes[letter])]);
    }
}
