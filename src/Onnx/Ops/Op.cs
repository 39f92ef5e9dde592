namespace Anneal.Onnx.Ops;

/// <summary>
/// An operator of ONNX with its attributes: what a node means, without the values it works on. One immutable record for each operator, in
/// the operator's current version; equal when all attributes are, tensors and subgraphs being equal only to themselves.
/// </summary>
public abstract record Op
{
    private protected Op() { }

    /// <summary>The operator's name as ONNX spells it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>The operator's domain; empty for ONNX's own.</summary>
    public virtual string Domain => "";

    /// <summary>The attributes as a file states them; those that equal the default are left out.</summary>
    public IReadOnlyList<NodeAttribute> ToAttributes()
    {
        var writer = new AttributeWriter();
        Through(writer);
        return writer.Written;
    }

    /// <summary>
    /// Names every attribute once, with its default: a reader gives what a node states, a writer notes what this record holds. The result is
    /// this record with what the visitor gave.
    /// </summary>
    private protected virtual Op Through(AttributeVisitor attributes) => this;

    /// <summary>Works out what is known of the outputs from what is known of the inputs.</summary>
    /// <exception cref="AnnealException">The inputs do not fit the operator; the message names the node, what was expected and what came.</exception>
    internal abstract void Infer(Inference facts);

    /// <summary>
    /// Counts the arithmetic of one call. An operator that says nothing here moves or converts elements and computes none.
    /// </summary>
    internal virtual Cost Count(CostFacts facts) => Cost.None;

    /// <summary>Whether two calls with the same inputs may give different outputs.</summary>
    internal virtual bool IsRandom => false;

    /// <summary>Whether a constant at an input can be a weight, which training changes; otherwise it steers the operator or is measured.</summary>
    internal virtual bool IsLearnable(int input) => true;

    /// <summary>This record with what a visitor gives for each attribute.</summary>
    internal Op Show(AttributeVisitor visitor) => Through(visitor);

    internal Op Read(Node node)
    {
        var reader = new AttributeReader(node, Name);
        var op = Through(reader);
        reader.RequireAllKnown();
        return op;
    }
}
