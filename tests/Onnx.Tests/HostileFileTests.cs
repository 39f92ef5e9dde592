using System.Diagnostics;
using System.Text;

namespace Anneal.Onnx.Tests;

public sealed class HostileFileTests
{
    private static readonly byte[] Whole = OnnxFile.ToBytes(TestGraphs.ReluAdd());

    public static TheoryData<string, byte[], string> Broken() => new()
    {
        { "empty", [], "an empty file" },
        { "nothing but an IR version", [8, 10], "no graph" },
        { "HTML", Text("<!DOCTYPE html><html><body>404</body></html>"), "an HTML page" },
        { "HTML after white space", Text("\r\n  <html lang=en>"), "an HTML page" },
        { "Git LFS pointer", Text("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n"), "a Git LFS pointer" },
        { "zip", [(byte)'P', (byte)'K', 3, 4, 20, 0, 0, 0], "a zip archive" },
        { "safetensors", [40, 0, 0, 0, 0, 0, 0, 0, .. Text("{\"w\":{\"dtype\":\"F32\"}}")], "a safetensors file" },
        { "gzip", [0x1F, 0x8B, 8, 0, 0], "gzip-compressed" },
        { "JPEG", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16], "a JPEG picture" },
        { "pickle", [0x80, 2, (byte)'}', (byte)'q', 0], "a Python pickle" },
        { "text", Text("Permission is hereby granted, free of charge"), "plain text" },
        { "10,000 subgraphs", TestGraphs.Nested(10_000), "nested more than 100 deep" },
        { "10,000 groups", [8, 10, .. Enumerable.Repeat((byte)0x9B, 10_000).SelectMany(b => new[] { b, (byte)0x06 })], "nested more than 100 deep" },
        { "a tensor of 2 GB in 20 bytes", Tensor(0x4A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07), "2147483647 bytes long" },
        { "a length beyond 64 bits", Tensor(0x4A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01), "longer than 64 bits" },
        { "a negative extent", Tensor(8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1), "negative extent" },
        { "extents beyond 64 bits", Tensor([.. Big(), .. Big(), .. Big(), 0x10, 1]), "more elements than 64 bits" },
        { "bytes beyond 64 bits", Tensor([.. Big(), .. Big(), 0x10, 1, 0x4A, 1, 0]), "64 bits" },
        { "too few bytes", Tensor(8, 4, 0x10, 1, 0x4A, 3, 0, 0, 0), "needs 16 bytes; the file holds 3" },
        { "half an entry", Tensor(8, 1, 0x10, 6, 0x2A, 1, 0x80), "middle of an entry" },
        { "the wrong field", Tensor(8, 1, 0x10, 1, 0x3A, 1, 0), "in the field for Int64" },
        { "two fields", Tensor(8, 1, 0x10, 1, 0x4A, 4, 0, 0, 0, 0, 0x22, 4, 0, 0, 0, 0), "more than one field" },
        { "external data in memory", Tensor([8, 1, 0x10, 1, 0x70, 1, 0x6A, 13, 10, 8, .. Text("location"), 18, 1, .. Text("w")]), "given in memory" },
        { "two producers of one value", Graph([.. Node("a", "y"), .. Node("b", "y")]), "has a value 'y' already" },
        { "two inputs of one name", Graph([.. TestGraphs.Field(11, TestGraphs.Field(1, Text("x"))), .. TestGraphs.Field(11, TestGraphs.Field(1, Text("x")))]), "two inputs 'x'" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_or_foreign_file_is_refused_by_name_with_its_reason(string kind, byte[] bytes, string reason)
    {
        using var folder = new TempFolder();
        var path = folder[kind.Replace(' ', '-') + ".onnx"];
        File.WriteAllBytes(path, bytes);

        var error = Assert.Throws<InvalidModelException>(() => kind == "external data in memory" ? OnnxFile.Parse(bytes, name: path) : OnnxFile.Load(path));

        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_cut_anywhere_is_refused_or_whole_up_to_there()
    {
        for (var length = 0; length < Whole.Length; length++)
        {
            var cut = Whole.AsMemory(0, length);
            try
            {
                // A cut between two fields of the outermost message leaves a shorter model, which protobuf cannot tell from a whole one.
                Assert.True(Whole.AsSpan().StartsWith(OnnxFile.ToBytes(OnnxFile.Parse(cut))));
            }
            catch (InvalidModelException)
            {
            }
        }
    }

    [Fact]
    public void Damaged_and_random_bytes_never_do_worse_than_be_refused()
    {
        var random = new Random(7);
        var models = new[] { Whole, OnnxFile.ToBytes(TestGraphs.Branches()) };
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 20_000 && clock.Elapsed < TimeSpan.FromSeconds(5); i++)
        {
            var bytes = i % 4 == 0 ? new byte[random.Next(200)] : models[i % models.Length].ToArray();
            if (i % 4 == 0)
                random.NextBytes(bytes);
            for (var damage = random.Next(1, 4); damage > 0 && bytes.Length > 0; damage--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                OnnxFile.ToBytes(OnnxFile.Parse(bytes));
            }
            catch (InvalidModelException)
            {
            }
        }
    }

    [Fact]
    public void More_parts_than_allowed_are_refused_before_they_take_memory()
    {
        var bytes = Graph([.. Enumerable.Repeat<byte[]>([0x0A, 0], 1_000_000).SelectMany(b => b)]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidModelException>(() => OnnxFile.Parse(bytes, new() { MaxParts = 100_000 }));
        Assert.Contains("MaxParts", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    [Fact]
    public void A_missing_file_a_folder_and_a_device_are_named_for_what_they_are()
    {
        using var folder = new TempFolder();
        Assert.Contains("no file", Assert.Throws<AnnealException>(() => OnnxFile.Load(folder["none.onnx"])).Message, StringComparison.Ordinal);
        Assert.Contains("a folder", Assert.Throws<AnnealException>(() => OnnxFile.Load(folder.Path)).Message, StringComparison.Ordinal);
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no /dev.");
        Assert.Contains("no ordinary file", Assert.Throws<AnnealException>(() => OnnxFile.Load("/dev/zero")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_inside_a_node_say_which_node_and_attribute()
    {
        byte[] tensor = [8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1];
        var attribute = TestGraphs.Field(5, [.. TestGraphs.Field(1, Text("value")), .. TestGraphs.Field(5, tensor), 0xA0, 1, 4]);
        var node = TestGraphs.Field(1, [.. TestGraphs.Field(2, Text("c")), .. TestGraphs.Field(4, Text("Constant")), .. attribute]);
        var error = Assert.Throws<InvalidModelException>(() => OnnxFile.Parse(Graph(node), name: "m.onnx"));
        Assert.Contains("Node Constant of 'c', attribute 'value': ", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Graph(byte[] content) => [8, 10, .. TestGraphs.Field(7, content)];

    private static byte[] Tensor(params byte[] content) => Graph(TestGraphs.Field(5, [.. content, .. TestGraphs.Field(8, Text("w"))]));

    private static byte[] Node(string name, string output) =>
        TestGraphs.Field(1, [.. TestGraphs.Field(2, Text(output)), .. TestGraphs.Field(3, Text(name)), .. TestGraphs.Field(4, Text("Op"))]);

    /// <summary>A dim of 2^62.</summary>
    private static byte[] Big() => [8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40];

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
