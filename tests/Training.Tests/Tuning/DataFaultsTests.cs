using System.Security.Cryptography;
using System.Text;
using Anneal.Onnx;
using Anneal.Training.Data;
using Anneal.Training.Tests.Data;
using Anneal.Training.Tuning;
using Anneal.Zoo.Images;

namespace Anneal.Training.Tests.Tuning;

public sealed class DataFaultsTests
{
    /// <summary>Folders by what they hold (a letter and a number of pictures, each of another grey), and what is found in them.</summary>
    public static TheoryData<string, string?, string[]> Cases => new()
    {
        { "a=3 b=3", "a=+1 b=+1", [] },
        { "a=3", null, ["OneClass: A classifier needs at least two classes, and the training data has one."] },
        { "a=3 b=0 c=3", null, ["EmptyClass: Class 'b' has no pictures to train on."] },
        { "a=0 b=0 c=9", null, ["EmptyClass: 2 classes have no pictures to train on."] },
        { "a=1 b=0 c=0", null, ["EmptyClass: 2 classes", "TooFewPictures: There are 1 pictures to train on and 3 classes", "SinglePicture: Class 'a' has a single picture"] },
        { "a=3 b=3", "a=+1 b=+1 z=+1", ["UntrainedClass: Class 'z' is in the validation data and not in the training data."] },
        { "a=3 b=3", "a=+1", ["UnvalidatedClass: Class 'b' has no pictures in the validation data."] },
        { "a=3 b=3", "a=0 b=0", ["EmptyValidation: The validation data has no pictures."] },
        { "a=3 b=1", null, ["SinglePicture: Class 'b' has a single picture to train on."] },
        { "a=60 b=3", null, ["Imbalance: Class 'a' has 60 pictures and class 'b' 3."] },
        { "a=59 b=3", null, [] },
        { "a=3 b=3", "a=1 b=+1", ["SharedPicture: One picture of the validation data is in the training data as well"] },
        { "a=3 b=same", null, ["Contradiction: One picture of the training data is in more than one class.", "SinglePicture: Class 'b'"] },
        { "a=3 b=3 broken=2", "a=+1 b=+1 broken=+1", ["UnreadablePicture: 3 pictures cannot be read.", "EmptyClass: Class 'broken'", "UnvalidatedClass: Class 'broken'"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_fault_is_found_and_said(string training, string? validation, string[] expected)
    {
        using var folder = new TempFolder();
        var train = Folder(folder["train"], training);
        var found = DataFaults.Find(train, validation is null ? null : Folder(folder["val"], validation), TestContext.Current.CancellationToken);
        var all = found.Faults.Concat(found.Warnings).Select(fault => $"{fault.Kind}: {fault.Sentence}").ToList();
        Assert.Equal(expected.Length, all.Count);
        Assert.All(expected, sentence => Assert.Contains(all, said => said.StartsWith(sentence, StringComparison.Ordinal)));
    }

    [Fact]
    public void Faults_are_refused_all_at_once_and_warnings_are_not()
    {
        using var folder = new TempFolder();
        var found = DataFaults.Find(Folder(folder["train"], "a=3 b=1 broken=2"), cancellation: TestContext.Current.CancellationToken);
        var refused = Assert.Throws<DataRefusedException>(found.Require);
        Assert.Equal([DataFaultKind.EmptyClass, DataFaultKind.UnreadablePicture], refused.Faults.Select(fault => fault.Kind));
        Assert.Contains(folder["train", "broken", "0.bmp"], refused.Message, StringComparison.Ordinal);
        Assert.Contains(folder["train", "broken", "1.bmp"], refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("single picture", refused.Message, StringComparison.Ordinal);
        var sound = DataFaults.Find(Folder(folder["sound"], "a=3 b=1"), cancellation: TestContext.Current.CancellationToken);
        sound.Require();
        Assert.Equal([DataFaultKind.SinglePicture], sound.Warnings.Select(fault => fault.Kind));
    }

    [Fact]
    public void A_picture_on_both_sides_is_named_on_both()
    {
        using var folder = new TempFolder();
        var found = DataFaults.Find(Folder(folder["train"], "a=2 b=2"), Folder(folder["val"], "a=1 b=+1"), TestContext.Current.CancellationToken);
        Assert.Equal($"{folder["val", "a", "0.bmp"]} = {folder["train", "a", "0.bmp"]}", Assert.Single(found.Faults.Single().Items));
    }

    [Fact]
    public void A_long_list_is_shortened_in_the_message_and_whole_in_the_fault()
    {
        var fault = new DataFault(DataFaultKind.UnreadablePicture, "Bad.", [.. Enumerable.Range(0, 12).Select(i => $"p{i}")]);
        Assert.EndsWith("p9\n  and 2 more", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_digest_is_that_of_names_and_contents_in_order()
    {
        using var folder = new TempFolder();
        var data = Folder(folder["train"], "a=2 bé=1");
        var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(2);
            foreach (var name in (string[])["a", "bé"])
            {
                writer.Write(Encoding.UTF8.GetByteCount(name));
                writer.Write(Encoding.UTF8.GetBytes(name));
            }
            foreach (var (label, path) in new[] { (0, folder["train", "a", "0.bmp"]), (0, folder["train", "a", "1.bmp"]), (1, folder["train", "bé", "0.bmp"]) })
            {
                writer.Write(label);
                writer.Write(SHA256.HashData(File.ReadAllBytes(path)));
            }
        }
        var expected = Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()));
        Assert.Equal(expected, DatasetDigest.Of(data, TestContext.Current.CancellationToken));
        Directory.Move(folder["train"], folder["moved"]);
        Assert.Equal(expected, DatasetDigest.Of(new ImageFolder(folder["moved"]), TestContext.Current.CancellationToken));
        Assert.Equal(expected, DatasetDigest.Of(DataFaults.Find(new ImageFolder(folder["moved"]), cancellation: TestContext.Current.CancellationToken).Training));
    }

    [Fact]
    public void A_subset_has_the_hashes_of_its_pictures()
    {
        using var folder = new TempFolder();
        var data = Folder(folder["train"], "a=3 b=2");
        var all = PictureScan.Run(data, decode: false, TestContext.Current.CancellationToken);
        var some = PictureScan.Run(Dataset.Concat(data.Subset([4, 1]), data.Subset([0])), decode: false, TestContext.Current.CancellationToken);
        Assert.Equal([all.Pictures[4].Sha256, all.Pictures[1].Sha256, all.Pictures[0].Sha256], some.Pictures.Select(picture => picture.Sha256));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(all.Pictures[4].Name))), some.Pictures[0].Sha256);
    }

    [Fact]
    public void Pictures_that_are_no_files_are_hashed_by_their_pixels()
    {
        var data = Dataset.Generate(4, i => new PictureSample(Picture.FromPixels(2, 1, [(byte)(i % 3), 7]), i / 2, "made"), i => i / 2, ["a", "b"]);
        var scan = PictureScan.Run(data, decode: false, TestContext.Current.CancellationToken);
        Assert.Equal(scan.Pictures[0].Sha256, scan.Pictures[3].Sha256);
        Assert.Equal(3, scan.Pictures.Select(picture => picture.Sha256).Distinct().Count());
        byte[] content = [2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 7, 7];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), scan.Pictures[0].Sha256);
        Assert.Equal([DataFaultKind.Contradiction], DataFaults.Find(data, cancellation: TestContext.Current.CancellationToken).Warnings.Select(fault => fault.Kind));
    }

    [Fact]
    public void There_is_no_digest_of_what_cannot_be_read()
    {
        using var folder = new TempFolder();
        var data = Folder(folder["train"], "a=2 b=1");
        File.Delete(folder["train", "a", "1.bmp"]);
        Assert.Contains(folder["train", "a", "1.bmp"], Assert.Throws<AnnealException>(() => DatasetDigest.Of(data, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Equal([DataFaultKind.UnreadablePicture], DataFaults.Find(data, cancellation: TestContext.Current.CancellationToken).Faults.Select(fault => fault.Kind));
    }

    [Fact]
    public void A_look_can_be_ended()
    {
        using var folder = new TempFolder();
        Assert.Throws<OperationCanceledException>(() => DataFaults.Find(Folder(folder["train"], "a=3 b=3"), cancellation: new(canceled: true)));
    }

    /// <summary>"a=3": a class with three pictures; "+" makes them others than those without; "same" copies one from class a; class "broken" holds no pictures.</summary>
    private static ImageFolder Folder(string path, string classes)
    {
        foreach (var part in classes.Split(' '))
        {
            var (name, count) = (part.Split('=')[0], part.Split('=')[1]);
            Directory.CreateDirectory(Path.Combine(path, name));
            for (var i = 0; i < (count == "same" ? 1 : int.Parse(count, null)); i++)
                Put(Path.Combine(path, name, $"{i}.bmp"), Content(count == "same" ? "a" : name, i, count.StartsWith('+')));
        }
        return new(path, allowsEmptyClasses: true);
    }

    private static byte[] Content(string name, int number, bool isOther) => name == "broken"
        ? [.. "BM no picture"u8, (byte)number, isOther ? (byte)1 : (byte)0]
        : TinyBmp.Of(4 + (name[0] % 16) + (isOther ? 16 : 0), 3, (byte)number);

    private static void Put(string path, byte[] bytes)
    {
        using var file = File.Create(path);
        file.Write(bytes);
    }
}
