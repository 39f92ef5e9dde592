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

    /// <summary>The classes of the published advisories on ONNX's external data, each in its variants.</summary>
    public static TheoryData<string, string> PathsThatLeadOut() => new()
    {
        { "CVE-2022-25882: a parent folder", "../outside.bin" },
        { "CVE-2022-25882: a parent folder", "../../../../../../etc/passwd" },
        { "CVE-2024-27318: a parent folder behind a name", "a/../../outside.bin" },
        { "CVE-2024-27318: a parent folder behind names that do not exist", "no/such/../../../outside.bin" },
        { "CVE-2024-27318: a parent folder behind a dot", "./.././outside.bin" },
        { "CVE-2024-27318: empty parts", "a//..//..//outside.bin" },
        { "CVE-2025-51480: the folder itself", "." },
        { "CVE-2025-51480: the folder itself", "a/.." },
        { "CVE-2025-51480: the parent folder", ".." },
        { "absolute", "/etc/hostname" },
        { "absolute with empty parts", "//etc/hostname" },
        { "absolute, the other separator", "\\etc\\hostname" },
        { "drive", "C:\\weights.bin" },
        { "drive without separator", "C:weights.bin" },
        { "UNC", "\\\\server\\share\\w.bin" },
        { "UNC with slashes", "//server/share/w.bin" },
        { "device path", "\\\\?\\C:\\w.bin" },
        { "the other separator", "..\\outside.bin" },
        { "both separators", "a\\../..\\outside.bin" },
        { "a parent folder with a space that Windows drops", ".. /outside.bin" },
        { "a parent folder with dots that Windows drops", "a/.../.../outside.bin" },
        { "a name with a dot that Windows drops", "w.bin." },
        { "a name with a space that Windows drops", "w.bin " },
        { "NUL", "w.bin\0.png" },
        { "NUL before the parent folder", "\0/../outside.bin" },
        { "CVE-2026-34447: a symbolic link", "link.bin" },
        { "CVE-2026-34447: a symbolic link to a symbolic link", "link-to-link.bin" },
        { "CVE-2026-34447: an absolute symbolic link", "absolute-link.bin" },
        { "CVE-2026-27489: a symbolic link on the way", "linked-folder/outside.bin" },
        { "CVE-2026-27489: a symbolic link on the way, then back", "linked-folder/outside-too/../outside.bin" },
        { "CVE-2026-27489: a parent folder after a symbolic link", "inner-link/../../outside.bin" },
    };

    [Theory, MemberData(nameof(PathsThatLeadOut))]
    public void External_data_outside_the_folder_is_refused_naming_both_places(string advisory, string location)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["model", "a", "deep"]);
        File.WriteAllBytes(folder["outside.bin"], new byte[64]);
        File.WriteAllBytes(folder["model", "w.bin"], new byte[64]);
        File.CreateSymbolicLink(folder["model", "link.bin"], "../outside.bin");
        File.CreateSymbolicLink(folder["model", "link-to-link.bin"], "link.bin");
        File.CreateSymbolicLink(folder["model", "absolute-link.bin"], folder["outside.bin"]);
        Directory.CreateSymbolicLink(folder["model", "linked-folder"], folder.Path);
        Directory.CreateSymbolicLink(folder["model", "inner-link"], "a/deep");

        var error = Refused(folder["model", "m.onnx"], new(location, 0, 16));
        Assert.True(error.Message.Contains($"'{location}'", StringComparison.Ordinal), advisory);
        Assert.Contains($"not under the model's folder {folder["model"]}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("percent signs", "%2e%2e/outside.bin")]
    [InlineData("percent signs", "..%2foutside.bin")]
    [InlineData("percent signs twice", "%252e%252e/outside.bin")]
    [InlineData("a URL", "file:///etc/hostname")]
    [InlineData("wide dots", "\uFF0E\uFF0E/outside.bin")]
    [InlineData("a wide slash", "..\uFF0Foutside.bin")]
    [InlineData("a leader of two dots", "\u2025/outside.bin")]
    [InlineData("an overlong UTF-8 slash", "..\uDCC0\uDCAFoutside.bin")]
    [InlineData("a home folder", "~/outside.bin")]
    [InlineData("a variable", "$HOME/outside.bin")]
    [InlineData("another case", "W.BIN")]
    public void What_only_looks_like_another_path_is_a_name_like_any_other(string trick, string location)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["outside.bin"], new byte[64]);
        Directory.CreateDirectory(folder["model"]);
        File.WriteAllBytes(folder["model", "w.bin"], new byte[64]);
        Assert.SkipWhen(trick == "another case" && File.Exists(folder["model", "W.BIN"]), "Names here do not tell case apart.");

        Assert.Contains("no such file", Refused(folder["model", "m.onnx"], new(location, 0, 16)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a symbolic link")]
    [InlineData("another file")]
    [InlineData("a hard link")]
    [InlineData("a link on the way")]
    public void A_file_that_is_replaced_between_check_and_opening_is_refused(string by)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "An open file cannot be replaced there.");
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["model", "sub"]);
        Directory.CreateDirectory(folder["other"]);
        File.WriteAllBytes(folder["model", "sub", "w.bin"], new byte[64]);
        File.WriteAllBytes(folder["other", "w.bin"], new byte[64]);
        using var reader = new Wire.ExternalDataReader(folder["model"], new())
        {
            OpenFile = path =>
            {
                Replace(by, folder);
                var opened = File.OpenHandle(path);
                if (by == "another file")
                    File.Move(folder["aside"], path, overwrite: true);
                return opened;
            },
        };

        var error = Assert.Throws<InvalidModelException>(() => reader.Read("w", new("sub/w.bin", 0, 16), 16));
        Assert.Contains(by is "a hard link" ? "2 hard links" : by is "another file" ? "was replaced" : "not under", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Saving_replaces_a_link_under_the_data_file_s_name_and_not_what_it_leads_to()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["model"]);
        File.WriteAllText(folder["victim.txt"], "precious");
        File.CreateSymbolicLink(folder["model", "m.onnx.data"], folder["victim.txt"]);
        // The model that lies there claims the link as its own.
        WriteModel(folder["model", "m.onnx"], new("m.onnx.data", 0, 16));

        OnnxFile.Save(TwoTensors(), folder["model", "m.onnx"], Outside);
        Assert.Equal("precious", File.ReadAllText(folder["victim.txt"]));
        Assert.Null(new FileInfo(folder["model", "m.onnx.data"]).LinkTarget);
        Assert.Equal([1f, 2, 3, 4], OnnxFile.Load(folder["model", "m.onnx"]).Graph.Find("w")!.Initializer!.As<float>());
    }

    [Fact]
    public void Saving_does_not_write_through_a_hard_link()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["victim.txt"], "precious");
        HardLink(folder["victim.txt"], folder["m.onnx.data"]);
        OnnxFile.Save(TwoTensors(), folder["m.onnx"], Outside with { OverwriteExternalData = true });
        Assert.Equal("precious", File.ReadAllText(folder["victim.txt"]));
        OnnxFile.Load(folder["m.onnx"]);
    }

    [Theory]
    [InlineData("../victim.bin")]
    [InlineData("a/../../victim.bin")]
    [InlineData("/tmp/anneal-victim.bin")]
    public void Saving_never_writes_where_a_loaded_model_points(string location)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["model"]);
        WriteModel(folder["model", "m.onnx"], new(location, 0, 16));
        var model = OnnxFile.Load(folder["model", "m.onnx"], new() { ReadExternalData = false });
        Assert.Contains("was not read", Assert.Throws<InvalidModelException>(() => OnnxFile.Save(model, folder["model", "copy.onnx"])).Message, StringComparison.Ordinal);
        model.Graph.SetInitializer(model.Graph.Find("w")!, TensorData.Create<float>("w", [1, 2, 3, 4], 4));
        OnnxFile.Save(model, folder["model", "copy.onnx"], Outside);
        Assert.Equal(["copy.onnx", "copy.onnx.data", "m.onnx"], Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Keys_of_external_data_that_the_format_does_not_have_change_nothing()
    {
        // CVE-2026-34445: such keys became attributes of the reader's own object.
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["w.bin"], new byte[64]);
        WriteModel(folder["m.onnx"], new("w.bin", 0, 16), ("basepath", "/etc"), ("__class__", "x"), ("offset", "-1"), ("location", "../outside.bin"));
        Assert.Equal(new ExternalLocation("w.bin", 0, 16), OnnxFile.Load(folder["m.onnx"]).Graph.Find("w")!.Initializer!.External);
    }

    [Theory]
    [InlineData("w.bin", 0, 12, null, "needs 16 bytes; the model states 12")]
    [InlineData("w.bin", 60, 16, null, "from byte 60 of 'w.bin', which holds 64")]
    [InlineData("w.bin", 9223372036854775807, 16, null, "which holds 64")]
    [InlineData("w.bin", 0, 9223372036854775807, null, "needs 16 bytes; the model states 9223372036854775807")]
    [InlineData("w.bin", -1, 16, null, "expected a number of bytes")]
    [InlineData("w.bin", 0, -1, null, "expected a number of bytes")]
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

    /// <summary>Puts something else in the place of sub/w.bin.</summary>
    private static void Replace(string by, TempFolder folder)
    {
        var (name, other) = (folder["model", "sub", "w.bin"], folder["other", "w.bin"]);
        if (by == "a link on the way")
        {
            Directory.Move(folder["model", "sub"], folder["gone"]);
            Directory.CreateSymbolicLink(folder["model", "sub"], folder["other"]);
            return;
        }
        File.Move(name, folder["aside"]);
        if (by == "a hard link")
            HardLink(other, name);
        else if (by == "a symbolic link")
            File.CreateSymbolicLink(name, other);
        else
            File.Move(other, name);
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
    private static void WriteModel(string path, ExternalLocation location, params (string Key, string? Value)[] more)
    {
        var tensor = new Wire.TensorProto { Name = Wire.WireText.Encode("w"), DataType = 1, Dims = { 4 }, DataLocation = 1 };
        foreach (var (key, value) in ((string Key, string? Value)[])[("location", location.Location), ("offset", $"{location.Offset}"), ("length", $"{location.Length}"), ("checksum", location.Checksum), .. more])
            if (value is not null)
                tensor.ExternalData.Add(new Wire.StringStringEntryProto { Key = Wire.WireText.Encode(key), Value = Wire.WireText.Encode(value) });
        var model = new Wire.ModelProto { IrVersion = 10, Graph = new() { Initializer = { tensor } } };
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(model));
    }
}
