using System.Text;
using System.Text.Json;
using Anneal.Onnx;

namespace Anneal.Training.Checkpoints;

/// <summary>Where a tensor lies: bytes from <paramref name="Begin"/> to before <paramref name="End"/>, counted from the end of the header.</summary>
internal sealed record SafeTensorsEntry(string Name, DType Type, long[] Shape, long Begin, long End);

/// <summary>
/// The JSON of a file, read strictly: what the format's reference refuses is refused, and so are names that come twice, which it asks writers to
/// avoid, and members that it does not have.
/// </summary>
internal sealed class SafeTensorsHeader
{
    private readonly string _file;

    private SafeTensorsHeader(string file) => _file = file;

    /// <summary>The tensors by their place, first one first.</summary>
    public List<SafeTensorsEntry> Entries { get; } = [];

    public OrderedDictionary<string, string> Metadata { get; } = [];

    /// <summary>Reads and checks a header.</summary>
    /// <param name="json">The header.</param>
    /// <param name="dataLength">How many bytes of elements follow it.</param>
    /// <param name="file">What errors call the file.</param>
    public static SafeTensorsHeader Read(ReadOnlySpan<byte> json, long dataLength, string file)
    {
        var header = new SafeTensorsHeader(file);
        if (json.IsEmpty || json[0] != (byte)'{')
            throw header.Invalid("its header does not begin with '{'");
        try
        {
            // Texts are checked here once, so that none is met later that has no characters.
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(json);
            header.ReadMembers(new(json.TrimEnd((byte)' ')));
        }
        catch (Exception error) when (error is JsonException or DecoderFallbackException or InvalidOperationException)
        {
            throw header.Invalid($"its header is no JSON of the kind that safetensors has ({error.Message.TrimEnd('.')})", error);
        }
        header.CheckPlaces(dataLength);
        return header;
    }

    private void ReadMembers(Utf8JsonReader json)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        json.Read();
        while (Next(ref json, JsonTokenType.EndObject))
        {
            var name = json.GetString()!;
            if (!names.Add(name))
                throw Invalid($"'{name}' comes twice");
            json.Read();
            if (name == SafeTensorsContent.MetadataName)
                ReadMetadata(ref json);
            else
                Entries.Add(ReadEntry(ref json, name));
        }
        // Throws where something follows the object.
        json.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader json)
    {
        Require(json.TokenType == JsonTokenType.StartObject, $"{SafeTensorsContent.MetadataName} is no object");
        while (Next(ref json, JsonTokenType.EndObject))
        {
            var name = json.GetString()!;
            json.Read();
            Require(json.TokenType == JsonTokenType.String, $"the text '{name}' in {SafeTensorsContent.MetadataName} is no string");
            Require(Metadata.TryAdd(name, json.GetString()!), $"the text '{name}' in {SafeTensorsContent.MetadataName} comes twice");
        }
    }

    private SafeTensorsEntry ReadEntry(ref Utf8JsonReader json, string name)
    {
        Require(json.TokenType == JsonTokenType.StartObject, $"tensor '{name}' is no object");
        string? type = null;
        long[]? shape = null, offsets = null;
        while (Next(ref json, JsonTokenType.EndObject))
        {
            var member = json.GetString()!;
            json.Read();
            var isNew = member switch
            {
                "dtype" => Take(ref type, ReadText(ref json, name, member)),
                "shape" => Take(ref shape, ReadNumbers(ref json, name, member)),
                "data_offsets" => Take(ref offsets, ReadNumbers(ref json, name, member)),
                _ => throw Invalid($"tensor '{name}' has a member '{member}', which safetensors does not have"),
            };
            Require(isNew, $"tensor '{name}' has its {member} twice");
        }
        Require(type is not null && shape is not null && offsets is { Length: 2 }, $"tensor '{name}' lacks its dtype, its shape or its two data_offsets");
        var known = SafeTensorsTypes.Find(type!) ?? throw Invalid($"tensor '{name}' has elements of type '{type}'; {string.Join(", ", SafeTensorsTypes.Names)} can be read");
        return new(name, known, shape!, offsets![0], offsets[1]);
    }

    private static bool Take<T>(ref T? place, T value) where T : class
    {
        var isNew = place is null;
        place = value;
        return isNew;
    }

    private string ReadText(ref Utf8JsonReader json, string name, string member)
    {
        Require(json.TokenType == JsonTokenType.String, $"tensor '{name}': {member} is no string");
        return json.GetString()!;
    }

    private long[] ReadNumbers(ref Utf8JsonReader json, string name, string member)
    {
        Require(json.TokenType == JsonTokenType.StartArray, $"tensor '{name}': {member} is no array");
        var numbers = new List<long>();
        while (Next(ref json, JsonTokenType.EndArray))
        {
            var number = 0L;
            Require(json.TokenType == JsonTokenType.Number && json.TryGetInt64(out number) && number >= 0, $"tensor '{name}': {member} holds what is no whole number of at least 0");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private static bool Next(ref Utf8JsonReader json, JsonTokenType end) => json.Read() && json.TokenType != end;

    /// <summary>The elements must fill the rest of the file, each tensor beginning where the last one ended.</summary>
    private void CheckPlaces(long dataLength)
    {
        Entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        var end = 0L;
        foreach (var entry in Entries)
        {
            Require(entry.Begin == end && entry.End >= end, $"tensor '{entry.Name}' lies from {entry.Begin} to {entry.End}; it must begin at {end}, where the one before it ends");
            var bytes = ByteLength(entry);
            Require(entry.End - entry.Begin == bytes, $"tensor '{entry.Name}' has {entry.End - entry.Begin} bytes; {SafeTensorsTypes.NameOf(entry.Type)} [{string.Join(',', entry.Shape)}] has {bytes}");
            Require(bytes <= Array.MaxLength, $"tensor '{entry.Name}' has {bytes} bytes; one can have at most {Array.MaxLength} here");
            end = entry.End;
        }
        Require(end == dataLength, $"its tensors end at {end} and its data at {dataLength}: it is cut off, or something was added");
    }

    private long ByteLength(SafeTensorsEntry entry)
    {
        try
        {
            var count = 1L;
            foreach (var extent in entry.Shape)
                count = checked(count * extent);
            return entry.Type.ByteLength(count);
        }
        catch (OverflowException error)
        {
            throw Invalid($"tensor '{entry.Name}' has more elements than any file can hold: [{string.Join(',', entry.Shape)}]", error);
        }
    }

    private void Require(bool holds, string fault)
    {
        if (!holds)
            throw Invalid(fault);
    }

    private InvalidCheckpointException Invalid(string fault, Exception? cause = null) => new($"{_file} is no safetensors file that can be trusted: {fault}.", cause);
}
