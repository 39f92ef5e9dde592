using System.Buffers.Binary;
using System.Text;
using Anneal.Onnx;
using Anneal.Training.Checkpoints;

namespace Anneal.Training.Tests.Checkpoints;

public sealed class SafeTensorsTests
{
    private static readonly float[] Six = [0, 1, 2, 3, 4, 5];

    public static TheoryData<DType> Types => new(
        DType.Bool, DType.UInt8, DType.Int8, DType.Float8E5M2, DType.Float8E4M3FN, DType.Float8E8M0, DType.Float8E4M3FNUZ, DType.Float8E5M2FNUZ,
        DType.Int16, DType.UInt16, DType.Float16, DType.BFloat16, DType.Int32, DType.UInt32, DType.Float32, DType.Complex64, DType.Double,
        DType.Int64, DType.UInt64);

    /// <summary>Headers that the format's reference implementation writes for these tensors, as its own tests have them.</summary>
    public static TheoryData<string, long[], string> KnownFiles => new()
    {
        { "attn.0", [1, 2, 3], """{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}""" },
        { "attn0", [1, 1, 2, 3], """{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       """ },
    };

    public static TheoryData<string, string> HostileHeaders => new()
    {
        { "", "does not begin with '{'" },
        { """ {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "does not begin with '{'" },
        { """[{"a":1}]""", "does not begin with '{'" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}""", "no JSON of the kind" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}} {}""", "no JSON of the kind" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},}""", "no JSON of the kind" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"\ud800":{}}""", "no JSON of the kind" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}""", "'a' comes twice" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"shape":[4]}}""", "its shape twice" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"code":"x"}}""", "a member 'code'" },
        { """{"a":{"dtype":"U8","shape":[4]}}""", "lacks its dtype, its shape or its two data_offsets" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}""", "lacks its dtype, its shape or its two data_offsets" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,8]}}""", "lacks its dtype, its shape or its two data_offsets" },
        { """{"a":{"dtype":"F4","shape":[8],"data_offsets":[0,4]}}""", "elements of type 'F4'" },
        { """{"a":{"dtype":"u8","shape":[4],"data_offsets":[0,4]}}""", "elements of type 'u8'" },
        { """{"a":{"dtype":8,"shape":[4],"data_offsets":[0,4]}}""", "dtype is no string" },
        { """{"a":{"dtype":"U8","shape":4,"data_offsets":[0,4]}}""", "shape is no array" },
        { """{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}""", "no whole number" },
        { """{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}""", "no whole number" },
        { """{"a":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]}}""", "no whole number" },
        { """{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,4]}}""", "no whole number" },
        { """{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", "more elements than any file" },
        { """{"a":{"dtype":"F64","shape":[9223372036854775807],"data_offsets":[0,4]}}""", "more elements than any file" },
        { """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}}""", "has 4 bytes; U8 [3] has 3" },
        { """{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "must begin at 0" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", "must begin at 0" },
        { """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "'b' lies from 1 to 4; it must begin at 2" },
        { """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}""", "'b' lies from 3 to 4; it must begin at 2" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "must begin at 4" },
        { """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "end at 3 and its data at 4" },
        { """{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}""", "end at 5 and its data at 4" },
        { """{"a":[]}""", "tensor 'a' is no object" },
        { """{"__metadata__":["x"],"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "__metadata__ is no object" },
        { """{"__metadata__":{"x":1},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "is no string" },
        { """{"__metadata__":{"x":{"y":"z"}},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "is no string" },
        { """{"__metadata__":{"x":"1","x":"2"},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "comes twice" },
        { """{"__metadata__":{},"__metadata__":{},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "comes twice" },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_of_the_format_comes_back_with_its_bytes(DType type)
    {
        using var folder = new TempFolder();
        var bytes = new byte[6 * type.Bits() / 8];
        new Draws(7).For("bytes").Permutation(bytes.Length).Select(i => (byte)i).ToArray().CopyTo(bytes, 0);
        SafeTensors.Save(folder["x.safetensors"], new Dictionary<string, TensorData> { ["x"] = TensorData.FromBytes("", type, [2, 3], bytes) });
        var x = SafeTensors.Load(folder["x.safetensors"]).Tensors["x"];
        Assert.Equal((type, "x"), (x.DType, x.Name));
        Assert.Equal([2, 3], x.Dims);
        Assert.Equal(bytes, x.Bytes.ToArray());
    }

    [Theory]
    [MemberData(nameof(KnownFiles))]
    public void A_file_is_the_one_that_the_reference_writes(string name, long[] shape, string header)
    {
        var expected = File(header, [.. Six.SelectMany(BitConverter.GetBytes)]);
        Assert.Equal(expected, Saved(new() { [name] = TensorData.Create("", Six, shape) }));
        Assert.Equal(shape, SafeTensors.Parse(expected).Tensors[name].Dims);
    }

    [Fact]
    public void A_file_of_texts_alone_is_the_one_that_the_reference_writes() =>
        Assert.Equal(File("""{"__metadata__":{"framework":"pt"}}     """, []), Saved([], new() { ["framework"] = "pt" }));

    [Fact]
    public void Wide_elements_come_first_and_the_order_of_the_dictionary_changes_nothing()
    {
        var tensors = new (string Name, TensorData Data)[]
        {
            ("b", TensorData.Create<byte>("", [1], 1)), ("z", TensorData.Create<long>("", [1], 1)), ("f", TensorData.Create<float>("", [1], 1)),
            ("a", TensorData.Create<float>("", [2], 1)), ("empty", TensorData.Create<double>("", [], 0, 3)),
        };
        var bytes = Saved(tensors.ToDictionary(named => named.Name, named => named.Data), new() { ["y"] = "2", ["x"] = "1" });
        Assert.Equal(bytes, Saved(tensors.Reverse().ToDictionary(named => named.Name, named => named.Data), new() { ["x"] = "1", ["y"] = "2" }));
        Assert.Equal(["z", "empty", "a", "f", "b"], SafeTensors.Parse(bytes).Tensors.Keys);
        Assert.Equal(["x", "y"], SafeTensors.Parse(bytes).Metadata.Keys);
    }

    [Fact]
    public void Python_reads_what_is_written()
    {
        using var folder = new TempFolder();
        var path = folder["x.safetensors"];
        SafeTensors.Save(path, new Dictionary<string, TensorData>
        {
            ["half"] = TensorData.Create<Half>("", [(Half)1.5, (Half)(-2)], 2),
            ["Fühler \"1\"\n"] = TensorData.Create<double>("", [1e-300, -0.1], 1, 2),
            ["whole"] = TensorData.Create<long>("", [long.MinValue, 7], 2),
            ["yes"] = TensorData.Create<bool>("", [true, false, true], 3),
            ["none"] = TensorData.Create<float>("", [], 0, 5),
            ["one"] = TensorData.Scalar<float>("", 0.5f),
        }, new Dictionary<string, string> { ["größe"] = "a\\b \"c\" \u0001 🐝" });
        var read = PythonReader.Read(path);
        Assert.Equal("a\\b \"c\" \u0001 🐝", read.GetProperty("metadata").GetProperty("größe").GetString());
        var tensors = read.GetProperty("tensors");
        Assert.Equal(6, tensors.EnumerateObject().Count());
        Assert.Equal([1e-300, -0.1], tensors.GetProperty("Fühler \"1\"\n").Numbers("values"));
        Assert.Equal([1.5, -2], tensors.GetProperty("half").Numbers("values"));
        Assert.Equal([0, 5], tensors.GetProperty("none").Numbers("shape"));
        Assert.Equal(long.MinValue, tensors.GetProperty("whole").GetProperty("values")[0].GetInt64());
        Assert.Empty(tensors.GetProperty("one").Numbers("shape"));
    }

    [Theory]
    [MemberData(nameof(HostileHeaders))]
    public void A_hostile_header_is_refused_by_reason(string header, string reason)
    {
        var refused = Assert.Throws<InvalidCheckpointException>(() => SafeTensors.Parse(File(header, [1, 2, 3, 4]), "evil.safetensors"));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("evil.safetensors ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "has 0 bytes")]
    [InlineData(7, "has 7 bytes")]
    [InlineData(8, "its header would have")]
    [InlineData(40, "its header would have")]
    [InlineData(75, "data at 3")]
    public void A_file_that_is_cut_off_is_refused(int length, string reason)
    {
        var whole = Saved(new() { ["attn.0"] = TensorData.Create("", Six, 1, 2, 3) });
        Assert.Contains(reason, Assert.Throws<InvalidCheckpointException>(() => SafeTensors.Parse(whole.AsMemory(0, length))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000_001)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 7)]
    public void A_header_that_is_too_long_is_refused_before_anything_is_read(ulong length)
    {
        var file = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        Assert.Contains("are allowed", Assert.Throws<InvalidCheckpointException>(() => SafeTensors.Parse(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        var file = File("""{"?":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", [1, 2, 3, 4]);
        file[file.AsSpan().IndexOf((byte)'?')] = 0xFF;
        Assert.Contains("no JSON of the kind", Assert.Throws<InvalidCheckpointException>(() => SafeTensors.Parse(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_files_are_read_or_refused_and_nothing_else()
    {
        var whole = Saved(new()
        {
            ["a"] = TensorData.Create("", Six, 2, 3),
            ["b"] = TensorData.Create<long>("", [1, 2], 2),
            ["c"] = TensorData.Create<byte>("", [9], 1),
        }, new() { ["x"] = "text" });
        var (read, refused) = (0, 0);
        for (var trial = 0; trial < 4000; trial++)
            try
            {
                SafeTensors.Parse(Changed(whole, new Draws(1).At(trial)));
                read++;
            }
            catch (InvalidCheckpointException)
            {
                refused++;
            }
        Assert.True(read > 100 && refused > 1000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void What_the_format_lacks_is_refused_when_it_is_written()
    {
        using var folder = new TempFolder();
        var path = folder["x.safetensors"];
        var strings = Assert.Throws<AnnealException>(() => SafeTensors.Save(path, new Dictionary<string, TensorData> { ["s"] = TensorData.FromStrings("", ["x"], 1) }));
        Assert.Contains("'s' holds String", strings.Message, StringComparison.Ordinal);
        var name = Assert.Throws<AnnealException>(() => SafeTensors.Save(path, new Dictionary<string, TensorData> { ["__metadata__"] = TensorData.Scalar("", 1f) }));
        Assert.Contains("cannot be called '__metadata__'", name.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_missing_file_and_a_missing_folder_are_named()
    {
        using var folder = new TempFolder();
        Assert.Contains(folder["none"], Assert.Throws<AnnealException>(() => SafeTensors.Load(folder["none"])).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", Assert.Throws<AnnealException>(() => SafeTensors.Save(folder["no", "x"], new Dictionary<string, TensorData>())).Message, StringComparison.Ordinal);
    }

    private static byte[] Saved(Dictionary<string, TensorData> tensors, Dictionary<string, string>? metadata = null)
    {
        using var folder = new TempFolder();
        SafeTensors.Save(folder["x"], tensors, metadata);
        return System.IO.File.ReadAllBytes(folder["x"]);
    }

    private static byte[] File(string header, byte[] data)
    {
        var bytes = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)bytes.Length);
        return [.. length, .. bytes, .. data];
    }

    /// <summary>One to three changes: a byte, a bit, a cut, a repetition.</summary>
    private static byte[] Changed(byte[] whole, Draws draws)
    {
        var file = whole.ToList();
        for (var i = 0; i <= draws.Below(3, 100); i++)
        {
            var change = draws.At(i);
            var at = change.Below(Math.Max(1, file.Count - 1), 0);
            switch (change.Below(6, 1))
            {
                case 0: file[at] = (byte)change.Below(256, 2); break;
                case 1: file[at] ^= (byte)(1 << change.Below(8, 2)); break;
                case 2: file.RemoveRange(at, Math.Min(file.Count - at, change.Below(8, 2))); break;
                case 3: file.InsertRange(at, file.GetRange(at, Math.Min(file.Count - at, change.Below(16, 2)))); break;
                default: file[at] = (byte)"0123456789[]{}\",:\\ "[change.Below(19, 2)]; break;
            }
            if (file.Count < 2)
                break;
        }
        return [.. file];
    }
}
