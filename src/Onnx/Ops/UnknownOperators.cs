using System.Collections.Frozen;

namespace Anneal.Onnx.Ops;

/// <summary>Operators of ONNX that have no record, each with the reason and with what to do instead.</summary>
internal static class UnknownOperators
{
    private const string Sequences = "It works on sequences of tensors, which this library loads and saves and does not compute. Export the model with one tensor in place of the sequence, for instance by fixing how many there are.";
    private const string Optionals = "It works on values that may be absent, which this library loads and saves and does not compute. Export the model for the case that is needed.";
    private const string Strings = "It works on text, and this library is for pictures. Do that step before the model, and cut it off the graph.";

    private static readonly FrozenDictionary<(string Domain, string Name), string> Reasons = new Dictionary<(string, string), string>
    {
        [(TrainingSteps.Domain, "Gradient")] = "It asks for derivatives of whatever part of the graph lies between its inputs and outputs, which is no computation of its own. Remove it: training here works gradients out from the operators themselves.",
        [("ai.onnx.preview", "FlexAttention")] = "It is a preview whose meaning may still change. Export the model with Attention, or with MatMul and Softmax.",
        [("", "ImageDecoder")] = "It decodes picture files inside the graph. Give the model pixels instead: decoding and preprocessing are part of loading a picture.",
        [("", "NonMaxSuppression")] = "It picks boxes by their scores, which is the last step of detection and has no part in classifying. Cut it off the graph and run it on the outputs.",
        [("", "ConcatFromSequence")] = Sequences,
        [("", "SequenceAt")] = Sequences,
        [("", "SequenceConstruct")] = Sequences,
        [("", "SequenceEmpty")] = Sequences,
        [("", "SequenceErase")] = Sequences,
        [("", "SequenceInsert")] = Sequences,
        [("", "SequenceLength")] = Sequences,
        [("", "SequenceMap")] = Sequences,
        [("", "SplitToSequence")] = Sequences,
        [("", "Optional")] = Optionals,
        [("", "OptionalGetElement")] = Optionals,
        [("", "OptionalHasElement")] = Optionals,
        [("", "RegexFullMatch")] = Strings,
        [("", "StringConcat")] = Strings,
        [("", "StringNormalizer")] = Strings,
        [("", "StringSplit")] = Strings,
        [("", "TfIdfVectorizer")] = Strings,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> Domains = new Dictionary<string, string>
    {
        [""] = "ONNX has no operator of that name as far as this library knows. Look for a misspelling, or for a newer version of this library.",
        ["ai.onnx.ml"] = "Operators of this domain are classical machine learning (trees, encoders, scalers), which this library does not compute. Run the model with ONNX Runtime as it is.",
        [TrainingSteps.Domain] = "This preview domain has Adagrad, Adam and Momentum, and this is none of them.",
    }.ToFrozenDictionary();

    /// <summary>The reason, then what to do.</summary>
    public static string WhyNot(string domain, string opType)
    {
        var own = OperatorSets.Normalise(domain) == "ai.onnx" ? "" : domain;
        var reason = Reasons.GetValueOrDefault((own, opType)) ?? Domains.GetValueOrDefault(own)
            ?? "It is no operator of ONNX but of whoever wrote the model. Export the model for plain ONNX, or give it a function of that name that says what the operator does.";
        return $"{(own.Length == 0 ? "" : own + ".")}{opType} is not supported. {reason}";
    }

    /// <summary>
    /// Whether nothing can be known of a graph with this node: other unknown operators give values of which nothing is known, but this one
    /// speaks of the nodes around it.
    /// </summary>
    public static bool IsRefused(Node node) => node is { Domain: TrainingSteps.Domain, OpType: "Gradient" };
}
