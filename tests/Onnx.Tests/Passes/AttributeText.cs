using System.Globalization;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>Attributes as text: <c>axis=1</c>, <c>alpha=0.5</c>, <c>perm=[1,0]</c>, <c>scales=[1.0,2.0]</c>, <c>mode=edge</c>, <c>value=Int64[1]{3}</c>, <c>axis=@axis</c>.</summary>
internal static class AttributeText
{
    public static NodeAttribute Read(string word)
    {
        var (name, value) = (word[..word.IndexOf('=', StringComparison.Ordinal)], word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        if (value[0] == '@')
            return NodeAttribute.Reference(name, AttributeKind.Int, value[1..]);
        if (value.EndsWith('}'))
            return NodeAttribute.Of(name, TensorText.Parse(value));
        if (value[0] == '[')
            return value.Contains('.', StringComparison.Ordinal) ? NodeAttribute.Of(name, List(value).Select(Float)) : NodeAttribute.Of(name, List(value).Select(Int));
        if (!char.IsAsciiDigit(value[^1]) || char.IsAsciiLetter(value[0]))
            return NodeAttribute.Of(name, value);
        return value.Contains('.', StringComparison.Ordinal) ? NodeAttribute.Of(name, Float(value)) : NodeAttribute.Of(name, Int(value));
    }

    public static string Write(NodeAttribute attribute) => attribute switch
    {
        { ReferenceTo.Length: > 0 } => "@" + attribute.ReferenceTo,
        { Kind: AttributeKind.Int } => attribute.AsInt().ToString(CultureInfo.InvariantCulture),
        { Kind: AttributeKind.Float } => Text(attribute.AsFloat()),
        { Kind: AttributeKind.String } => attribute.AsString(),
        { Kind: AttributeKind.Ints } => $"[{string.Join(',', attribute.AsInts().ToArray())}]",
        { Kind: AttributeKind.Floats } => $"[{string.Join(',', attribute.AsFloats().ToArray().Select(Text))}]",
        { Kind: AttributeKind.Tensor } => GraphText.Tensor(attribute.AsTensor()),
        _ => attribute.ToString(),
    };

    private static string[] List(string text) => text.Trim('[', ']').Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static float Float(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    private static long Int(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(float number) => number.ToString("0.0##########", CultureInfo.InvariantCulture);
}
