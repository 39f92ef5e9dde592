namespace Anneal.Onnx.Ops;

/// <summary>One operator of the table: what the specification says of it beside attributes and inference.</summary>
/// <param name="Blank">The operator with all defaults.</param>
/// <param name="Since">The versions of the operator set that introduced or changed it, ascending; the last is the one this record means.</param>
/// <param name="MinInputs">The fewest inputs.</param>
/// <param name="MaxInputs">The most inputs; <see cref="int.MaxValue"/> for any number.</param>
/// <param name="MaxOutputs">The most outputs; <see cref="int.MaxValue"/> for any number.</param>
public sealed record OpEntry(Op Blank, IReadOnlyList<int> Since, int MinInputs, int MaxInputs, int MaxOutputs = 1)
{
    /// <summary>Any number of inputs or outputs.</summary>
    public const int Any = int.MaxValue;

    /// <summary>The operator's name.</summary>
    public string Name => Blank.Name;

    /// <summary>The operator's domain; empty for ONNX's own.</summary>
    public string Domain => Blank.Domain;

    internal string InputRange => Count(MinInputs, MaxInputs);

    internal string OutputRange => Count(0, MaxOutputs);

    /// <summary>Reads a node's attributes.</summary>
    /// <exception cref="InvalidModelException">An attribute is missing, unknown or of another kind; or there are too few or too many inputs or outputs.</exception>
    public Op Read(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        RequireCounts(node.Title, node.Inputs.Count, node.Outputs.Count);
        return Blank.Read(node);
    }

    /// <summary>Checks the numbers of inputs and outputs.</summary>
    internal void RequireCounts(string title, int inputs, int outputs)
    {
        if (inputs < MinInputs || inputs > MaxInputs)
            throw new InvalidModelException($"{title} has {inputs} inputs; {Name} takes {InputRange}.");
        if (outputs > MaxOutputs)
            throw new InvalidModelException($"{title} has {outputs} outputs; {Name} gives {OutputRange}.");
    }

    private static string Count(int least, int most) => most == Any ? $"{least} or more" : least == most ? $"{least}" : $"{least} to {most}";
}
