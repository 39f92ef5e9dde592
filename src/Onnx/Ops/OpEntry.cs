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

    /// <summary>Reads a node's attributes.</summary>
    /// <exception cref="InvalidModelException">An attribute is missing, unknown or of another kind; or there are too few or too many inputs or outputs.</exception>
    public Op Read(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Inputs.Count < MinInputs || node.Inputs.Count > MaxInputs)
            throw new InvalidModelException($"{node.Title} has {node.Inputs.Count} inputs; {Name} takes {Count(MinInputs, MaxInputs)}.");
        if (node.Outputs.Count > MaxOutputs)
            throw new InvalidModelException($"{node.Title} has {node.Outputs.Count} outputs; {Name} gives {Count(0, MaxOutputs)}.");
        return Blank.Read(node);
    }

    private static string Count(int least, int most) => most == Any ? $"{least} or more" : least == most ? $"{least}" : $"{least} to {most}";
}
