using System.Reflection;
using ILGPU;

namespace Anneal.Training.Tests.Gpu;

/// <summary>
/// How the structs that are handed to kernels look to ILGPU 1.5.3, which takes two of them for one type when their numbers and views in a row are the same, whatever
/// structs these are nested in, and then reads the wrong field of the one that came second.
/// </summary>
internal static class KernelStructs
{
    /// <summary>Groups of types that ILGPU would mix up, the types of works and all structs inside them taken together.</summary>
    public static IEnumerable<string> MixedUp(IEnumerable<Type> works) => works.SelectMany(Inside).Distinct()
        .Select(type => (type.Name, Nested: Nested(type)))
        .GroupBy(type => type.Nested.Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal))
        .Where(group => group.DistinctBy(type => type.Nested).Count() > 1)
        .Select(group => string.Join(" and ", group.GroupBy(type => type.Nested, (nested, types) => $"{nested} ({string.Join(", ", types.Select(type => type.Name).Distinct().Take(4))})")));

    private static IEnumerable<Type> Inside(Type type) => IsLeaf(type) ? [] : [type, .. Fields(type).SelectMany(field => Inside(field.FieldType))];

    /// <summary>A struct of one field is that field, and an empty one is a byte.</summary>
    private static string Nested(Type type)
    {
        if (IsLeaf(type))
            return $"{NameOf(type)} ";
        string[] fields = [.. Fields(type).Select(field => Nested(field.FieldType))];
        return fields.Length switch
        {
            0 => "Byte ",
            1 => fields[0],
            _ => $"({string.Concat(fields)})",
        };
    }

    private static IEnumerable<FieldInfo> Fields(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(field => field.MetadataToken);

    private static bool IsLeaf(Type type) => type.IsPrimitive || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView<>));

    /// <summary>ILGPU's numbers have no sign.</summary>
    private static string NameOf(Type type) => type.IsGenericType ? $"View<{NameOf(type.GetGenericArguments()[0])}>" : type.Name.TrimStart('U').Replace("SByte", "Byte", StringComparison.Ordinal);
}
