using System.Runtime.Versioning;

namespace Anneal.Onnx.Tests;

public sealed class AtomicFileTests
{
    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["f"], "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder["f"], stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(folder["f"]));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_target_that_is_a_folder_fails_and_leaves_nothing()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["f"]);
        Assert.ThrowsAny<Exception>(() => AtomicFile.Write(folder["f"], stream => stream.WriteByte(1)));
        Assert.Equal([folder["f"]], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_replaced_file_keeps_its_permissions()
    {
        using var folder = new TempFolder();
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite;
        File.WriteAllText(folder["f"], "old");
        File.SetUnixFileMode(folder["f"], mode);
        AtomicFile.Write(folder["f"], stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(folder["f"]));
        Assert.Equal(mode, File.GetUnixFileMode(folder["f"]));
    }

    [Fact]
    public void A_symbolic_link_stays_a_link_and_its_target_is_replaced()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["target"], "old");
        File.CreateSymbolicLink(folder["link"], "target");
        AtomicFile.Write(folder["link"], stream => stream.Write("new"u8));
        Assert.Equal("target", new FileInfo(folder["link"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(folder["target"]));
    }

    [Fact]
    public void A_model_can_be_saved_over_the_file_it_was_loaded_from()
    {
        using var folder = new TempFolder();
        OnnxFile.Save(TestGraphs.ReluAdd(), folder["m.onnx"]);
        var before = File.ReadAllBytes(folder["m.onnx"]);
        OnnxFile.Save(OnnxFile.Load(folder["m.onnx"]), folder["m.onnx"]);
        Assert.Equal(before, File.ReadAllBytes(folder["m.onnx"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Saving_where_there_is_no_folder_is_one_sentence()
    {
        using var folder = new TempFolder();
        var error = Assert.Throws<AnnealException>(() => OnnxFile.Save(TestGraphs.ReluAdd(), folder["none", "m.onnx"]));
        Assert.Contains("could not be written", error.Message, StringComparison.Ordinal);
    }
}
