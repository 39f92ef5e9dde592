using Anneal.Onnx;
using Anneal.Onnx.Passes;

namespace Anneal.Training.Tuning;

/// <summary>Puts the new number of classes where a model states the old one: in what a Reshape behind the head makes, and in declared types.</summary>
internal sealed class ClassExtents(long old, long now, ModelShapes shapes)
{
    /// <summary>Makes a Reshape behind the head right; extents that it works out by itself are.</summary>
    public void Correct(Node reshape)
    {
        // Until version 4 the extents are an attribute.
        if (reshape.Attribute("shape") is { } attribute)
            reshape.SetAttribute(NodeAttribute.Of("shape", Corrected(attribute.AsInts().ToArray())));
        else if (reshape.Input(1)?.Producer is { } concat && concat.Calls("Concat"))
            CorrectPiece(concat);
        else
            CorrectConstant(reshape, 1);
    }

    /// <summary>A type with the new number in its shape; a shape in which it could stand at several places is forgotten.</summary>
    public TensorType Corrected(TensorType type)
    {
        if (type.Shape is not { } shape || old == now)
            return type;
        var extents = shape.Select(dim => dim.IsKnown ? dim.Value : -1).ToArray();
        var axis = AxisOf(extents);
        if (axis >= 0)
            return type with { Shape = new([.. shape.Select((dim, i) => i == axis ? Dim.Of(now) : dim)]) { Trace = shape.Trace } };
        return extents.Contains(old) ? type with { Shape = null } : type;
    }

    /// <summary>Corrects the declared type of a value, if it has one.</summary>
    public void CorrectType(Value value)
    {
        if (value.StatedType is TensorType type)
            value.Type = Corrected(type);
    }

    private void CorrectPiece(Node concat)
    {
        // The batch comes first: a piece further on is looked at before it.
        var inputs = Enumerable.Range(1, concat.Inputs.Count - 1).Append(0);
        _ = inputs.Any(index => CorrectConstant(concat, index));
    }

    private bool CorrectConstant(Node node, int index)
    {
        if (HeadConstant.Find(node, index, shapes) is not { } constant || constant.Integers() is not { } extents || !extents.Contains(old))
            return false;
        var corrected = Corrected(extents);
        constant.Replace(TensorData.Create("", corrected, constant.Dims));
        return true;
    }

    private long[] Corrected(long[] extents)
    {
        var axis = extents.Length == 1 && extents[0] == old ? 0 : AxisOf(extents);
        return [.. extents.Select((extent, i) => i == axis ? now : extent)];
    }

    /// <summary>The axis of the classes: the second where that fits, otherwise the only one that does; -1 when there is none or no telling.</summary>
    private int AxisOf(long[] extents)
    {
        if (extents.Length > 1 && extents[1] == old)
            return 1;
        return extents.Count(extent => extent == old) == 1 ? Array.IndexOf(extents, old) : -1;
    }
}
