namespace Anneal.Onnx.Wire;

/// <summary>What encoding needs to know beside the model.</summary>
/// <param name="External">Takes the tensors that go outside the file; null when all stay inside.</param>
internal sealed record EncodeContext(ExternalDataWriter? External)
{
    private int _depth;

    /// <summary>Encodes a graph, one level deeper.</summary>
    public GraphProto Encode(Graph graph)
    {
        // The wire nests three messages to a subgraph, and readers of the format give up at 100.
        const int deepest = 32;
        if (_depth >= deepest)
            throw new AnnealException($"Graph '{graph.Name}' is nested more than {deepest} graphs deep, which no reader of the format accepts.");
        _depth++;
        var encoded = GraphCodec.Encode(graph, this);
        _depth--;
        return encoded;
    }
}
