using System.Globalization;

namespace Anneal.Onnx;

/// <summary>One extent of a shape: a known number, a symbol that stands for the same number everywhere in a model, or unknown.</summary>
public readonly record struct Dim
{
    private readonly bool _known;

    private Dim(bool known, long value, string? symbol) => (_known, Value, Symbol) = (known, value, symbol);

    /// <summary>An extent of which nothing is known.</summary>
    public static Dim Unknown => default;

    /// <summary>Whether the number is known.</summary>
    public bool IsKnown => _known;

    /// <summary>Whether nothing is known: neither a number nor a symbol.</summary>
    public bool IsUnknown => !_known && Symbol is null;

    /// <summary>The number, when <see cref="IsKnown"/>; otherwise 0. Files may state negative ones, which mean nothing and are kept.</summary>
    public long Value { get; }

    /// <summary>The symbol, or null.</summary>
    public string? Symbol { get; }

    /// <summary>A known extent.</summary>
    public static Dim Of(long value) => new(true, value, null);

    /// <summary>A symbolic extent, for instance <c>N</c>.</summary>
    public static Dim Named(string symbol) => new(false, 0, symbol);

    /// <summary>A known extent.</summary>
    public static implicit operator Dim(long value) => Of(value);

    /// <summary>A symbolic extent.</summary>
    public static implicit operator Dim(string symbol) => Named(symbol);

    /// <summary>The number, the symbol, or <c>?</c>.</summary>
    public override string ToString() => _known ? Value.ToString(CultureInfo.InvariantCulture) : Symbol ?? "?";
}
