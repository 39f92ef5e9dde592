using Anneal.Onnx;
using Anneal.Training.Checkpoints;

namespace Anneal.Training.Tests.Checkpoints;

public sealed class CheckpointTests
{
    [Fact]
    public void A_checkpoint_comes_back_and_its_bytes_are_always_the_same()
    {
        using var folder = new TempFolder();
        Sample(1).Save(folder["a"]);
        Sample(1).Save(folder["b"]);
        Assert.Equal(File.ReadAllBytes(folder["a"]), File.ReadAllBytes(folder["b"]));
        var loaded = Checkpoint.Load(folder["a"]);
        Assert.Equal(new Dictionary<string, string> { ["epoch"] = "1", ["quote"] = "\"anneal.sha256\":\"" }, loaded.Metadata);
        Assert.Equal([1, 2], loaded.Tensors["w"].As<float>().ToArray());
    }

    [Fact]
    public void Python_finds_the_digest_right()
    {
        using var folder = new TempFolder();
        Sample(1).Save(folder["a"]);
        Assert.True(PythonReader.Read(folder["a"]).GetProperty("digest").GetBoolean());
    }

    [Fact]
    public void No_byte_can_change_unseen()
    {
        using var folder = new TempFolder();
        Sample(1).Save(folder["a"]);
        var whole = File.ReadAllBytes(folder["a"]);
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] ^= (byte)(1 << (i % 8));
            Put(folder["b"], damaged);
            Assert.Throws<InvalidCheckpointException>(() => Checkpoint.Load(folder["b"]));
        }
    }

    [Fact]
    public void A_file_without_a_digest_is_no_checkpoint()
    {
        using var folder = new TempFolder();
        SafeTensors.Save(folder["a"], Sample(1).Tensors);
        Assert.Contains("no checkpoint", Assert.Throws<InvalidCheckpointException>(() => Checkpoint.Load(folder["a"])).Message, StringComparison.Ordinal);
        var sealedTwice = new Checkpoint(Sample(1).Tensors, new Dictionary<string, string> { [Checkpoint.DigestName] = "x" });
        Assert.Contains("own digest", Assert.Throws<AnnealException>(() => sealedTwice.Save(folder["b"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_keeps_the_latest_the_one_before_and_the_best()
    {
        using var temp = new TempFolder();
        using var folder = new CheckpointFolder(temp["run"]);
        Assert.True(folder.IsEmpty);
        Assert.Null(folder.Latest());
        Assert.Null(folder.Best());
        for (var epoch = 1; epoch <= 4; epoch++)
        {
            folder.Save(Sample(epoch));
            if (epoch == 2)
                folder.SaveBest(Sample(epoch));
        }
        Assert.Equal("4", folder.Latest()!.Metadata["epoch"]);
        Assert.Equal("2", folder.Best()!.Metadata["epoch"]);
        Assert.Equal([".lock", "best.safetensors", "checkpoint-00000003.safetensors", "checkpoint-00000004.safetensors"], Names(folder.Folder));
        Assert.False(folder.IsEmpty);
    }

    [Fact]
    public void A_damaged_latest_checkpoint_is_named_and_passed_over_only_when_asked()
    {
        using var temp = new TempFolder();
        using var folder = new CheckpointFolder(temp.Path);
        folder.Save(Sample(1));
        folder.Save(Sample(2));
        Damage(folder.LatestPath!);
        var refused = Assert.Throws<InvalidCheckpointException>(() => folder.Latest());
        Assert.Contains("checkpoint-00000002.safetensors is damaged", refused.Message, StringComparison.Ordinal);
        Assert.Contains("checkpoint-00000001.safetensors: delete checkpoint-00000002.safetensors to go on from there", refused.Message, StringComparison.Ordinal);
        var told = new List<string>();
        Assert.Equal("1", folder.Latest(damage => told.Add(damage.Message))!.Metadata["epoch"]);
        Assert.Contains("checkpoint-00000002.safetensors is damaged", Assert.Single(told), StringComparison.Ordinal);
        Damage(temp["checkpoint-00000001.safetensors"]);
        Assert.Contains("no other one", Assert.Throws<InvalidCheckpointException>(() => folder.Latest(_ => { })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_trainings_cannot_have_one_folder()
    {
        using var temp = new TempFolder();
        using (new CheckpointFolder(temp.Path))
            Assert.Contains("in use by another training", Assert.Throws<AnnealException>(() => new CheckpointFolder(temp.Path)).Message, StringComparison.Ordinal);
        using var after = new CheckpointFolder(temp.Path);
        Assert.True(after.IsEmpty);
    }

    [Fact]
    public void What_a_killed_process_left_half_written_goes_and_nothing_else()
    {
        using var temp = new TempFolder();
        Put(temp["checkpoint-00000007.safetensors.0a.tmp"], [1]);
        Put(temp["notes.tmp"], [1]);
        using var folder = new CheckpointFolder(temp.Path);
        Assert.Equal([".lock", "notes.tmp"], Names(temp.Path));
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_leaves_the_others()
    {
        using var temp = new TempFolder();
        using var folder = new CheckpointFolder(temp.Path);
        folder.Save(Sample(1));
        folder.Save(Sample(2));
        Directory.CreateDirectory(temp["checkpoint-00000003.safetensors"]);
        Assert.Contains("cannot be written", Assert.Throws<AnnealException>(() => folder.Save(Sample(3))).Message, StringComparison.Ordinal);
        Assert.Equal("2", folder.Latest()!.Metadata["epoch"]);
        Assert.Empty(Directory.GetFiles(temp.Path, "*.tmp"));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        using var temp = new TempFolder();
        Put(temp["file"], [1]);
        Assert.Contains(temp["file", "run"], Assert.Throws<AnnealException>(() => new CheckpointFolder(temp["file", "run"])).Message, StringComparison.Ordinal);
    }

    private static Checkpoint Sample(int epoch) => new(
        new Dictionary<string, TensorData> { ["w"] = TensorData.Create<float>("", [epoch, 2], 2), ["n"] = TensorData.Scalar("", 3L) },
        new Dictionary<string, string> { ["epoch"] = $"{epoch}", ["quote"] = "\"anneal.sha256\":\"" });

    private static IEnumerable<string> Names(string folder) => Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        Put(path, bytes);
    }

    private static void Put(string path, byte[] bytes)
    {
        using var file = File.Create(path);
        file.Write(bytes);
    }
}
