namespace Anneal.Zoo;

/// <summary>A key of what a file says of itself, and how long its value may be: a file may come from anyone.</summary>
/// <param name="Name">The key.</param>
/// <param name="LongestValue">The most characters of its value.</param>
internal sealed record MetadataKey(string Name, int LongestValue)
{
    /// <summary>How all keys begin.</summary>
    public const string Prefix = "anneal.";

    /// <summary>The version of the layout that is written and read here; a newer one may mean something else by the same keys.</summary>
    public const int Format = 1;

    /// <summary>The version of the layout, a whole number.</summary>
    public static readonly MetadataKey FormatVersion = new(Prefix + "format", 9);

    /// <summary>The card, an object as in <c>models.json</c>.</summary>
    public static readonly MetadataKey Card = new(Prefix + "card", 256 << 10);

    /// <summary>The names of the classes, a list of texts.</summary>
    public static readonly MetadataKey Classes = new(Prefix + "classes", 4 << 20);

    /// <summary>The lineage, an object.</summary>
    public static readonly MetadataKey Lineage = new(Prefix + "lineage", 256 << 10);

    /// <summary>The golden example, an object.</summary>
    public static readonly MetadataKey Golden = new(Prefix + "golden", 2 << 20);

    /// <summary>All keys, in the order in which they are written.</summary>
    public static readonly IReadOnlyList<MetadataKey> All = [FormatVersion, Card, Classes, Lineage, Golden];
}
