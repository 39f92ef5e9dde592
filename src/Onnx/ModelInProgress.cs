using Anneal.Onnx.Ops;

namespace Anneal.Onnx;

/// <summary>What all builders of one model share: the main graph's and those of its subgraphs.</summary>
internal sealed class ModelInProgress(long opset)
{
    /// <summary>The version of ONNX's operator set.</summary>
    public long Opset => opset;

    /// <summary>The names taken so far.</summary>
    public NameScope Names { get; } = new();

    /// <summary>What is known of the values so far.</summary>
    public GraphFacts Facts { get; } = GraphFacts.ToBeTold();

    /// <summary>The domains that were called, beside ONNX's own.</summary>
    public SortedSet<string> Domains { get; } = new(StringComparer.Ordinal);

    /// <summary>Functions of the model.</summary>
    public List<Function> Functions { get; } = [];

    /// <summary>Checks that the operator set has an operator in a version that means what its record says.</summary>
    public void RequireWritable(Op op, string title, IReadOnlyList<Value?> inputs, int outputs)
    {
        if (OpTable.Find(op.Domain, op.Name) is not { } entry || WritableSince.IsWithdrawn(op) || (op is Elementwise && op != entry.Blank))
            throw new AnnealException($"{title} cannot be written: there is no such operator in operator set {opset}.");
        entry.RequireCounts(title, inputs.Count, outputs);
        if (op.Domain.Length > 0)
            return;
        var newest = inputs.FirstOrDefault(input => input is not null && !WritableSince.IsUsual(Facts[input].DType));
        var since = newest is null ? WritableSince.Of(entry, op) : entry.Since[^1];
        if (since > opset)
            throw new AnnealException($"{title} with these attributes{(newest is null ? "" : $" on {Facts[newest].DType}")} needs operator set {since}; the model is written for {opset}. Ask {nameof(GraphBuilder)} for {since}.");
    }

    /// <summary>A model of this graph, checked.</summary>
    /// <exception cref="InvalidModelException">It breaks a rule of ONNX.</exception>
    public Model Build(Graph graph)
    {
        var model = new Model(graph) { IrVersion = IrVersionOf(opset) };
        AddSets(model.OperatorSets);
        foreach (var function in Functions)
            model.Functions.Add(function);
        Checker.Require(model);
        return model;
    }

    /// <summary>Notes the operator sets that nodes come from.</summary>
    public void AddSets(OperatorSets sets)
    {
        sets.Add(new("", opset));
        foreach (var domain in Domains)
            sets.Add(new(domain, 1));
    }

    /// <summary>The IR version that came with an operator set (ONNX, "Versioning"): older readers refuse newer ones.</summary>
    private static long IrVersionOf(long opset) => opset switch
    {
        <= 18 => 8,
        <= 20 => 9,
        <= 22 => 10,
        23 => 11,
        24 => 12,
        _ => 13,
    };
}
