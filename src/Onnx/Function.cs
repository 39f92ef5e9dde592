namespace Anneal.Onnx;

/// <summary>
/// A function that nodes may call like an operator (<c>FunctionProto</c>; ONNX IR specification, "Functions"). Its body is a graph
/// whose inputs and outputs are the function's, without initializers and mostly without types.
/// </summary>
public sealed class Function : Annotated
{
    /// <summary>A function with its body.</summary>
    public Function(string domain, string name, Graph body) => (Domain, Name, Body) = (domain, name, body);

    /// <summary>The domain that callers name.</summary>
    public string Domain { get; set; }

    /// <summary>The name that callers give as their operator.</summary>
    public string Name { get; set; }

    /// <summary>Tells functions of one domain and name apart; empty for the only one.</summary>
    public string Overload { get; set; } = "";

    /// <summary>The body; nodes in it may refer to the function's attributes by <see cref="NodeAttribute.ReferenceTo"/>.</summary>
    public Graph Body { get; }

    /// <summary>Names of attributes that a caller must give.</summary>
    public IList<string> Attributes { get; } = [];

    /// <summary>Attributes with defaults.</summary>
    public IList<NodeAttribute> AttributeDefaults { get; } = [];

    /// <summary>The operator sets that the body's nodes come from.</summary>
    public OperatorSets OperatorSets { get; } = new();

    internal Function Copy()
    {
        var copy = new Function(Domain, Name, GraphCopier.Copy(Body)) { Overload = Overload };
        GraphCopier.Annotate(this, copy);
        foreach (var name in Attributes)
            copy.Attributes.Add(name);
        foreach (var attribute in AttributeDefaults)
            copy.AttributeDefaults.Add(attribute);
        foreach (var set in OperatorSets)
            copy.OperatorSets.Add(set);
        return copy;
    }

    /// <summary><c>domain.name</c>, with the overload when there is one.</summary>
    public override string ToString() => Overload.Length == 0 ? $"{Domain}.{Name}" : $"{Domain}.{Name}:{Overload}";
}
