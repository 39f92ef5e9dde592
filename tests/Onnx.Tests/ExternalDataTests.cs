namespace Anneal.Onnx.Tests;

public sealed class ExternalDataTests
{
    private static readonly OnnxSaveOptions Outside = new() { ExternalData = ExternalDataPolicy.Always, ExternalThresholdBytes = 1 };

    [Fact]
    public void A_model_saved_with_external_data_loads_the_same_elements_and_stays_external()
    {
        using var folder = new TempFolder();
        var model = TwoTensors();
        OnnxFile.Save(model, folder["m.onnx"], Outside);
        var loaded = OnnxFile.Load(folder["m.onnx"]);

        var first = loaded.Graph.Initializers[0].Initializer!;
        Assert.Equal(model.Graph.Initializers[0].Initializer!.As<float>(), first.As<float>());
        Assert.Equal(new ExternalLocation("m.onnx.data", 0, 16), first.External);
        Assert.Equal(new ExternalLocation("m.onnx.data", 4096, 12), loaded.Graph.Initializers[1].Initializer!.External);
        OnnxFile.Save(loaded, folder["again.onnx"]);
        Assert.Equal(File.ReadAllBytes(folder["m.onnx.data"]), File.ReadAllBytes(folder["again.onnx.data"]));
        OnnxFile.Save(loaded, folder["m.onnx"]);
        Assert.Equal(["again.onnx", "again.onnx.data", "m.onnx", "m.onnx.data"], Directory.GetFiles(folder.Path).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_model_too_large_for_the_format_goes_outside_by_itself_and_back_inside_when_asked()
    {
        using var folder = new TempFolder();
        OnnxFile.Save(TwoTensors(), folder["m.onnx"], new() { MaxInlineBytes = 20, ExternalThresholdBytes = 13 });
        var loaded = OnnxFile.Load(folder["m.onnx"]);
        Assert.Equal([TensorStorage.External, TensorStorage.Raw], loaded.Graph.Initializers.Select(v => v.Initializer!.Storage));
        OnnxFile.Save(loaded, folder["one.onnx"], new() { ExternalData = ExternalDataPolicy.Never });
        Assert.False(File.Exists(folder["one.onnx.data"]));
        Assert.Equal([1f, 2, 3, 4], OnnxFile.Load(folder["one.onnx"]).Graph.Find("w")!.Initializer!.As<float>());
    }

    [Fact]
    public void A_data_file_of_another_model_is_not_replaced_unless_asked()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["m.onnx.data"], "somebody else's");
        var error = Assert.Throws<AnnealException>(() => OnnxFile.Save(TwoTensors(), folder["m.onnx"], Outside));
        Assert.Contains("may belong to another", error.Message, StringComparison.Ordinal);
        Assert.Equal("somebody else's", File.ReadAllText(folder["m.onnx.data"]));
        Assert.False(File.Exists(folder["m.onnx"]));
        OnnxFile.Save(TwoTensors(), folder["m.onnx"], Outside with { OverwriteExternalData = true });
        OnnxFile.Load(folder["m.onnx"]);
    }

    [Theory]
    [InlineData("../outside.bin")]
    [InlineData("a/../../outside.bin")]
    [InlineData("/etc/hostname")]
    [InlineData("C:\\weights.bin")]
    [InlineData("C:weights.bin")]
    [InlineData("\\\\server\\share\\w.bin")]
    [InlineData("..\\outside.bin")]
    [InlineData("link.bin")]
    [InlineData("linked-folder/outside.bin")]
    [InlineData(".")]
    public void External_data_outside_the_folder_is_refused_naming_both_places(string location)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["model", "a"]);
        File.WriteAllBytes(folder["outside.bin"], new byte[64]);
        File.CreateSymbolicLink(folder["model", "link.bin"], folder["outside.bin"]);
        Directory.CreateSymbolicLink(folder["model", "linked-folder"], folder.Path);

        var error = Refused(folder["model", "m.onnx"], new(location, 0, 16));
        Assert.Contains($"'{location}'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"not under the model's folder {folder["model"]}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("w.bin", 0, 12, null, "needs 16 bytes; the model states 12")]
    [InlineData("w.bin", 60, 16, null, "from byte 60 of 'w.bin', which holds 64")]
    [InlineData("w.bin", 9223372036854775807, 16, null, "which holds 64")]
    [InlineData("w.bin", 0, 16, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "the model states da39a3ee")]
    [InlineData("none.bin", 0, 16, null, "no such file")]
    [InlineData("sub", 0, 16, null, "no ordinary file")]
    [InlineData("twin.bin", 0, 16, null, "2 hard links")]
    public void External_data_that_is_not_as_stated_is_refused(string location, long offset, long length, string? checksum, string reason)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["sub"]);
        File.WriteAllBytes(folder["w.bin"], new byte[64]);
        File.WriteAllBytes(folder["twin.bin"], new byte[64]);
        HardLink(folder["twin.bin"], folder["other-name.bin"]);

        var error = Refused(folder["m.onnx"], new(location, offset, length, checksum));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(folder["m.onnx"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_stays_under_the_folder_a_true_checksum_and_an_allowed_hard_link_are_accepted()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["blobs"]);
        File.WriteAllBytes(folder["blobs", "w"], new byte[64]);
        File.CreateSymbolicLink(folder["w.bin"], "blobs/w");
        HardLink(folder["blobs", "w"], folder["twin"]);
        WriteModel(folder["m.onnx"], new("w.bin", 16, 16, "c8d7d0ef0eedfa82d2ea1aa592845b9a6d4b02b7"));
        Assert.Equal([0f, 0, 0, 0], OnnxFile.Load(folder["m.onnx"], new() { AllowHardLinks = true }).Graph.Find("w")!.Initializer!.As<float>());
    }

    [Fact]
    public void External_data_can_be_left_unread()
    {
        using var folder = new TempFolder();
        WriteModel(folder["m.onnx"], new("absent.bin", 0, 16));
        var tensor = OnnxFile.Load(folder["m.onnx"], new() { ReadExternalData = false }).Graph.Find("w")!.Initializer!;
        Assert.Equal("absent.bin", tensor.External!.Location);
        Assert.Contains("was not read", Assert.Throws<InvalidModelException>(() => tensor.Bytes).Message, StringComparison.Ordinal);
    }

    private static void HardLink(string target, string link)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Needs ln.");
        using var ln = System.Diagnostics.Process.Start("ln", [target, link]);
        ln.WaitForExit();
        Assert.Equal(0, ln.ExitCode);
    }

    private static InvalidModelException Refused(string path, ExternalLocation location)
    {
        WriteModel(path, location);
        return Assert.Throws<InvalidModelException>(() => OnnxFile.Load(path));
    }

    private static Model TwoTensors()
    {
        var graph = new Graph("g");
        graph.AddInitializer(TensorData.Create<float>("w", [1, 2, 3, 4], 4));
        graph.AddInitializer(TensorData.Create<float>("v", [5, 6, 7], 3));
        return new(graph);
    }

    /// <summary>A model of one tensor of four floats that lies elsewhere, written with the wire's own messages.</summary>
    private static void WriteModel(string path, ExternalLocation location)
    {
        var tensor = new Wire.TensorProto { Name = Wire.WireText.Encode("w"), DataType = 1, Dims = { 4 }, DataLocation = 1 };
        foreach (var (key, value) in new[] { ("location", location.Location), ("offset", $"{location.Offset}"), ("length", $"{location.Length}"), ("checksum", location.Checksum) })
            if (value is not null)
                tensor.ExternalData.Add(new Wire.StringStringEntryProto { Key = Wire.WireText.Encode(key), Value = Wire.WireText.Encode(value) });
        var model = new Wire.ModelProto { IrVersion = 10, Graph = new() { Initializer = { tensor } } };
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(model));
    }
}
