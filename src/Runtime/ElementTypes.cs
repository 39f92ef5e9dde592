using Anneal.Onnx;

namespace Anneal.Runtime;

/// <summary>Which CLR type stands for which element type of ONNX.</summary>
internal static class ElementTypes
{
    private static readonly Dictionary<Type, DType> ByType = new()
    {
        [typeof(float)] = DType.Float32,
        [typeof(double)] = DType.Double,
        [typeof(Half)] = DType.Float16,
        [typeof(sbyte)] = DType.Int8,
        [typeof(byte)] = DType.UInt8,
        [typeof(short)] = DType.Int16,
        [typeof(ushort)] = DType.UInt16,
        [typeof(int)] = DType.Int32,
        [typeof(uint)] = DType.UInt32,
        [typeof(long)] = DType.Int64,
        [typeof(ulong)] = DType.UInt64,
        [typeof(bool)] = DType.Bool,
        [typeof(string)] = DType.String,
    };

    public static DType Of<T>() => ByType.TryGetValue(typeof(T), out var dtype)
        ? dtype
        : throw new AnnealException($"{typeof(T).Name} stands for no ONNX element type. Expected one of {string.Join(", ", ByType.Keys.Select(t => t.Name))}.");
}
