namespace Anneal.Onnx.Wire;

/// <summary>The fields of <c>TensorProto</c> that hold elements by kind, under their numbers.</summary>
internal enum TypedField
{
    Float = 4,
    Int32 = 5,
    String = 6,
    Int64 = 7,
    Double = 10,
    UInt64 = 11,
}
