using Anneal.Onnx;

namespace Anneal.Training.Checkpoints;

/// <summary>The element types that the format has, by its names. Where a file is written, wider ones come first, in the format's own order.</summary>
internal static class SafeTensorsTypes
{
    private static readonly (string Name, DType Type)[] Ascending =
    [
        ("BOOL", DType.Bool), ("U8", DType.UInt8), ("I8", DType.Int8),
        ("F8_E5M2", DType.Float8E5M2), ("F8_E4M3", DType.Float8E4M3FN), ("F8_E8M0", DType.Float8E8M0),
        ("F8_E4M3FNUZ", DType.Float8E4M3FNUZ), ("F8_E5M2FNUZ", DType.Float8E5M2FNUZ),
        ("I16", DType.Int16), ("U16", DType.UInt16), ("F16", DType.Float16), ("BF16", DType.BFloat16),
        ("I32", DType.Int32), ("U32", DType.UInt32), ("F32", DType.Float32),
        ("C64", DType.Complex64), ("F64", DType.Double), ("I64", DType.Int64), ("U64", DType.UInt64),
    ];

    public static IEnumerable<string> Names => Ascending.Select(entry => entry.Name);

    public static DType? Find(string name) => Array.Find(Ascending, entry => entry.Name == name) is { Name: not null } found ? found.Type : null;

    public static string NameOf(DType type) => Ascending[RankOf(type)].Name;

    /// <summary>The place in the order of alignment, or -1 for a type that the format lacks.</summary>
    public static int RankOf(DType type) => Array.FindIndex(Ascending, entry => entry.Type == type);
}
