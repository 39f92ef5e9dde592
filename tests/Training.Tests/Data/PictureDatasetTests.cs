using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.Versioning;
using Anneal.Onnx;
using Anneal.Training.Data;

namespace Anneal.Training.Tests.Data;

/// <summary>Pictures in folders and in the files of CIFAR and MNIST.</summary>
public sealed class PictureDatasetTests
{
    [Fact]
    public void Folders_are_classes_in_the_order_of_code_units()
    {
        using var folder = new TempFolder();
        Write(folder, "b", "2.bmp", 2);
        Write(folder, "b", "10.BMP", 10);
        Write(folder, "B", "1.bmp", 1);
        Write(folder, "a b", "deep/er/7.bmp", 7);
        Write(folder, "a b", "z.bmp", 8);
        File.WriteAllText(folder["b", "notes.txt"], "no picture");
        var dataset = new ImageFolder(folder.Path);
        Assert.Equal(["B", "a b", "b"], dataset.ClassNames);
        Assert.Equal([0, 1, 1, 2, 2], dataset.Labels());
        Assert.Equal([1, 8, 7, 10, 2], Enumerable.Range(0, 5).Select(i => Gray(dataset, i)));
        Assert.Equal(folder["b", "2.bmp"], dataset.NameOf(4));
    }

    [Fact]
    public void Other_endings_count_when_asked_for()
    {
        using var folder = new TempFolder();
        Write(folder, "a", "1.bmp", 1);
        Write(folder, "a", "2.raw", 2);
        Assert.Equal(1, new ImageFolder(folder.Path).Count);
        Assert.Equal(2, Gray(new ImageFolder(folder.Path, [".RAW"]), 0));
    }

    [Fact]
    public void A_folder_that_is_linked_into_itself_is_listed_once()
    {
        using var folder = new TempFolder();
        Write(folder, "a", "1.bmp", 1);
        Directory.CreateSymbolicLink(folder["a", "again"], folder["a"]);
        Assert.Equal(1, new ImageFolder(folder.Path).Count);
    }

    [Fact]
    public void Empty_classes_and_missing_folders_are_refused_by_name()
    {
        using var folder = new TempFolder();
        Refuses(() => new ImageFolder(folder["nowhere"]), "nowhere does not exist");
        Refuses(() => new ImageFolder(folder.Path), "holds no folders");
        Write(folder, "a", "1.bmp", 1);
        Directory.CreateDirectory(folder["cats"]);
        Directory.CreateDirectory(folder["dogs"]);
        Refuses(() => new ImageFolder(folder.Path), "no pictures in classes cats, dogs");
        Refuses(() => new ImageFolder(folder["a", "1.bmp"]), "is a file");
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void A_class_that_cannot_be_read_is_refused_by_name()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Windows has no such modes, and nothing is closed to a privileged process.");
        using var folder = new TempFolder();
        Write(folder, "open", "1.bmp", 1);
        Write(folder, "shut", "1.bmp", 1);
        var mode = File.GetUnixFileMode(folder["shut"]);
        File.SetUnixFileMode(folder["shut"], UnixFileMode.None);
        try
        {
            Refuses(() => new ImageFolder(folder.Path), $"{folder["shut"]} cannot be read");
        }
        finally
        {
            File.SetUnixFileMode(folder["shut"], mode);
        }
    }

    [Fact]
    public void Ants_and_bees_are_those_of_the_lesson()
    {
        var dataset = new ImageFolder(TestData.Require("datasets", "hymenoptera", "train"));
        Assert.Equal(["ants", "bees"], dataset.ClassNames);
        Assert.Equal((123, 121), (dataset.Labels().Count(label => label == 0), dataset.Labels().Count(label => label == 1)));
        Assert.EndsWith("0013035.jpg", dataset.NameOf(0), StringComparison.Ordinal);
        using var first = dataset[0];
        Assert.Equal((768, 512), (first.Picture.Width, first.Picture.Height));
        // Pillow's decoded bytes.
        Assert.Equal(FirstAnt, Pattern.Digest(first.Picture));
        Assert.Equal(153, new ImageFolder(TestData.Require("datasets", "hymenoptera", "val")).Count);
    }

    [Fact]
    public void The_subset_of_CIFAR_has_its_ten_classes()
    {
        var dataset = new ImageFolder(TestData.Require("datasets", "cifar10-subset", "test"));
        Assert.Equal(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], dataset.ClassNames);
        Assert.Equal(1000, dataset.Count);
        Assert.All(dataset.Labels().CountBy(label => label), one => Assert.Equal(100, one.Value));
        Assert.Equal(5000, new ImageFolder(TestData.Require("datasets", "cifar10-subset", "train")).Count);
    }

    [Fact]
    public void The_test_digits_of_MNIST_are_read_from_gzip()
    {
        var dataset = MnistDataset.Read(TestData.Require("datasets", "mnist"), isTraining: false);
        Assert.Equal(10_000, dataset.Count);
        Assert.Equal([7, 2, 1, 0, 4, 1, 4, 9, 5, 9], Enumerable.Range(0, 10).Select(i => dataset.LabelOf(i)!.Value));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], dataset.ClassNames);
        using var first = dataset[0];
        Assert.Equal((28, 28, 1, 7), (first.Picture.Width, first.Picture.Height, first.Picture.Channels, first.Label));
        Assert.Equal(FirstDigit, Pattern.Digest(first.Picture));
        Assert.EndsWith("t10k-images-idx3-ubyte.gz#0", first.Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Digits_are_read_plain_and_gzip(bool isGzip)
    {
        using var folder = new TempFolder();
        WriteIdx(folder["train-images-idx3-ubyte"], [2, 1, 3], [1, 2, 3, 4, 5, 6], isGzip);
        WriteIdx(folder["train-labels-idx1-ubyte"], [2], [9, 4], isGzip);
        var dataset = MnistDataset.Read(folder.Path, isTraining: true);
        using var second = dataset[1];
        var rgb = new byte[9];
        second.Picture.CopyRgbTo(rgb);
        Assert.Equal<byte>([4, 4, 4, 5, 5, 5, 6, 6, 6], rgb);
        Assert.Equal((4, 10), (second.Label, dataset.ClassNames.Count));
    }

    [Fact]
    public void Digits_without_their_labels_are_refused_by_name()
    {
        using var folder = new TempFolder();
        Refuses(() => MnistDataset.Read(folder.Path, isTraining: true), "neither train-images-idx3-ubyte nor");
        WriteIdx(folder["pictures"], [2, 1, 3], [1, 2, 3, 4, 5, 6], false);
        WriteIdx(folder["labels"], [1], [9], false);
        Refuses(() => MnistDataset.Read(folder["pictures"], folder["labels"]), "2 pictures and");
        Refuses(() => MnistDataset.Read(folder["labels"], folder["labels"]), "labels holds UInt8 with 1 extents");
        Refuses(() => MnistDataset.Read(folder["pictures"], folder["pictures"]), "labels are UInt8 [count]");
    }

    [Fact]
    public void CIFAR_10_is_read_across_its_five_files()
    {
        using var folder = new TempFolder();
        WriteCifar10(folder);
        var dataset = CifarDataset.Cifar10(folder.Path, isTraining: true);
        Assert.Equal(10, dataset.Count);
        Assert.Equal(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], dataset.ClassNames);
        Assert.Equal(Enumerable.Range(0, 10), dataset.Labels());
        using var sample = dataset[7];
        var rgb = new byte[3072];
        sample.Picture.CopyRgbTo(rgb);
        Assert.Equal(Enumerable.Range(0, 1024).SelectMany(i => new[] { Plane(7, i), Plane(7, 1024 + i), Plane(7, 2048 + i) }), rgb);
        Assert.Equal((7, $"{folder["data_batch_4.bin"]}#1"), (sample.Label, sample.Source));
        Assert.Throws<ArgumentOutOfRangeException>(() => dataset[10]);
    }

    [Fact]
    public void CIFAR_100_has_two_kinds_of_classes()
    {
        using var folder = new TempFolder();
        File.WriteAllLines(folder["fine_label_names.txt"], Enumerable.Range(0, 100).Select(i => $"fine {i}"));
        File.WriteAllLines(folder["coarse_label_names.txt"], Enumerable.Range(0, 20).Select(i => $"coarse {i}"));
        File.WriteAllBytes(folder["test.bin"], [19, 99, .. Planes(1), 3, 42, .. Planes(2)]);
        Assert.Equal([99, 42], CifarDataset.Cifar100(folder.Path, isTraining: false).Labels());
        Assert.Equal([19, 3], CifarDataset.Cifar100(folder.Path, isTraining: false, isCoarse: true).Labels());
        Assert.Equal("fine 42", CifarDataset.Cifar100(folder.Path, isTraining: false).ClassNames[42]);
    }

    [Fact]
    public void A_file_of_CIFAR_that_is_missing_cut_off_or_damaged_is_refused_by_name()
    {
        using var folder = new TempFolder();
        WriteCifar10(folder);
        File.WriteAllBytes(folder["data_batch_3.bin"], File.ReadAllBytes(folder["data_batch_3.bin"])[..^1]);
        Refuses(() => CifarDataset.Cifar10(folder.Path, isTraining: true), "data_batch_3.bin has 6145 bytes");
        File.WriteAllBytes(folder["data_batch_3.bin"], [1, .. Planes(0), 10, .. Planes(0)]);
        Refuses(() => CifarDataset.Cifar10(folder.Path, isTraining: true), "record 1 has label 10");
        File.Delete(folder["data_batch_3.bin"]);
        Refuses(() => CifarDataset.Cifar10(folder.Path, isTraining: true), "data_batch_3.bin cannot be read");
    }

    private const string FirstAnt = "617109e909bdfbebfd423c8cdf5192229e08de91b25b4e81537a19e057e7d92a";
    private const string FirstDigit = "8f6a418c9a639f9e14e96feca47a97df2a35a0a68ae2875431c5c80e05536941";

    private static int Gray(ImageFolder dataset, int index)
    {
        using var sample = dataset[index];
        var rgb = new byte[3 * sample.Picture.Width * sample.Picture.Height];
        sample.Picture.CopyRgbTo(rgb);
        return rgb[0];
    }

    private static void Refuses(Func<object> action, string part) =>
        Assert.Contains(part, Assert.Throws<AnnealException>(() => { action(); }).Message, StringComparison.Ordinal);

    private static void Write(TempFolder folder, string label, string name, byte value)
    {
        var path = folder[label, name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, TinyBmp.Of(3, 2, value));
    }

    private static void WriteIdx(string path, int[] extents, byte[] bytes, bool isGzip)
    {
        var file = new byte[4 + (4 * extents.Length) + bytes.Length];
        (file[2], file[3]) = (8, (byte)extents.Length);
        for (var i = 0; i < extents.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + (4 * i)), extents[i]);
        bytes.CopyTo(file, file.Length - bytes.Length);
        using var stream = File.Create(isGzip ? $"{path}.gz" : path);
        using Stream target = isGzip ? new GZipStream(stream, CompressionLevel.Fastest) : stream;
        target.Write(file);
    }

    private static void WriteCifar10(TempFolder folder)
    {
        File.WriteAllLines(folder["batches.meta.txt"], ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", ""]);
        for (var file = 0; file < 5; file++)
            File.WriteAllBytes(folder[$"data_batch_{file + 1}.bin"], [(byte)(2 * file), .. Planes(2 * file), (byte)((2 * file) + 1), .. Planes((2 * file) + 1)]);
    }

    private static byte[] Planes(int sample) => [.. Enumerable.Range(0, 3072).Select(i => Plane(sample, i))];

    private static byte Plane(int sample, int index) => (byte)((sample * 31) + (index * 7) + (index >> 8));
}
