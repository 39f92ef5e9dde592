using System.Text.Json;
using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Zoo.Tests.Metadata;

/// <summary>What a file says of itself: written, read back by three readers, and refused where it is wrong.</summary>
public sealed class ModelMetadataTests : IDisposable
{
    private static readonly string Digest = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));
    private readonly TempFolder _folder = new();

    private static ModelMetadata Facts { get; } = new()
    {
        Card = TinyNet.Card,
        Lineage = new()
        {
            Parent = "squeezenet1.1",
            ParentSha256 = Digest,
            DataSha256 = Digest,
            Recipe = "{\"epochs\": 8, \"naïve\": \"\\u0000 \\\"quoted\\\"\"}",
            Metrics = new Dictionary<string, double> { ["top1"] = 0.1 + 0.2, ["loss"] = 1e-300, ["ece"] = 0 },
            MadeBy = "Anneal 0.1.0",
        },
        Golden = new() { Picture = ColourSession.Bitmap('g'), Expected = [0.1f, float.Epsilon, -float.MaxValue], Tolerance = 1e-4 },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read_from_the_file_and_from_a_session_of_ONNX_Runtime()
    {
        var path = Save(Facts);
        using var session = new OrtEngine().Open(path);
        foreach (var read in new[] { ModelMetadata.Read(OnnxFile.Load(path), path)!, ModelMetadata.Read(session.Metadata, path)! })
        {
            Assert.Equal((Facts.Card! with { Origin = path }).ToJson(), read.Card!.ToJson());
            Assert.Equal(path, read.Card.Origin);
            Assert.Equal(TinyNet.Card.ClassNames, read.ClassNames);
            Assert.Equal(Facts.Lineage! with { Metrics = read.Lineage!.Metrics }, read.Lineage);
            Assert.Equal(Facts.Lineage!.Metrics.OrderBy(metric => metric.Key), read.Lineage.Metrics);
            Assert.Equal(Facts.Golden!.Picture.ToArray(), read.Golden!.Picture.ToArray());
            Assert.Equal((null, Facts.Golden.Tolerance), (read.Golden.Seed, read.Golden.Tolerance));
            Assert.Equal(Facts.Golden.Expected, read.Golden.Expected);
        }
    }

    [Fact]
    public void A_reader_that_knows_only_the_wire_format_and_JSON_finds_the_same()
    {
        var entries = WireMetadata.Of(File.ReadAllBytes(Save(Facts))).ToDictionary();
        Assert.Equal(["Image.BitmapPixelFormat", "Image.ColorSpaceGamma", "Image.NominalPixelRange", "anneal.card", "anneal.classes", "anneal.format", "anneal.golden", "anneal.lineage"], entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("1", entries["anneal.format"]);
        Assert.Equal("""["warm","cold","grün, nicht blau"]""", entries["anneal.classes"]);
        using var card = JsonDocument.Parse(entries["anneal.card"]);
        Assert.Equal(["evidence", "input", "licence", "name", "output", "outputKind", "preprocessing", "summary"], card.RootElement.EnumerateObject().Where(member => member.Value.ToString() is not ("[]" or "{}")).Select(member => member.Name).Order());
        Assert.Equal("rgb", card.RootElement.GetProperty("preprocessing").GetProperty("color").GetString());
        using var lineage = JsonDocument.Parse(entries["anneal.lineage"]);
        Assert.Equal(0.1 + 0.2, lineage.RootElement.GetProperty("metrics").GetProperty("top1").GetDouble());
        using var golden = JsonDocument.Parse(entries["anneal.golden"]);
        Assert.Equal(ColourSession.Bitmap('g'), golden.RootElement.GetProperty("picture").GetBytesFromBase64());
        Assert.Equal([0.1f, float.Epsilon, -float.MaxValue], golden.RootElement.GetProperty("expected").EnumerateArray().Select(number => number.GetSingle()));
    }

    [Fact]
    public void The_same_facts_give_the_same_bytes_and_replace_what_was_said_before()
    {
        var first = TinyNet.Build();
        Facts.WriteTo(first);
        var second = TinyNet.Build();
        new ModelMetadata { Golden = Facts.Golden, Lineage = new() { Parent = "another" } }.WriteTo(second);
        (Facts with { Lineage = Facts.Lineage! with { Metrics = Facts.Lineage!.Metrics.Reverse().ToDictionary() } }).WriteTo(second);
        Assert.Equal(OnnxFile.ToBytes(first), OnnxFile.ToBytes(second));
        new ModelMetadata { ClassNames = ["a"] }.WriteTo(second);
        Assert.Equal(["anneal.format", "anneal.classes"], second.Metadata.Select(entry => entry.Key).Where(key => key.StartsWith("anneal.", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_others_wrote_into_the_file_stays()
    {
        var model = TinyNet.Build();
        model.Metadata.Add(new("anneal.temperature", "stays not: the prefix is ours"));
        model.Metadata.Add(new("author", "somebody"));
        model.Metadata.Add(new("image.nominalpixelrange", "NominalRange_0_255"));
        Facts.WriteTo(model);
        Assert.Equal("somebody", model.Metadata["author"]);
        Assert.Null(model.Metadata["anneal.temperature"]);
        Assert.Equal(["Normalized_0_1"], model.Metadata.Where(entry => entry.Key.Equals("Image.NominalPixelRange", StringComparison.OrdinalIgnoreCase)).Select(entry => entry.Value));
    }

    [Fact]
    public void Labels_of_a_set_or_a_file_travel_inside()
    {
        File.WriteAllText(_folder["labels.txt"], "red\ngreen\nblue\n");
        foreach (var (labels, count, third) in new[] { ("imagenet-1000", 1000, "great white shark, white shark, man-eater, man-eating shark, Carcharodon carcharias"), (_folder["labels.txt"], 3, "blue") })
        {
            var path = Save(new() { Card = TinyNet.Card with { ClassNames = null, Labels = labels, Output = null, File = new(Digest, 1, [new("https://example.org/x")]), Weights = WeightsStatus.Published } });
            var read = ModelMetadata.Read(OnnxFile.Load(path), path)!;
            var loaded = read.Card!.LoadLabels()!;
            Assert.Equal((count, third, path), (loaded.Count, loaded[2], loaded.Origin));
            Assert.Equal((null, null, null), (read.Card.Labels, read.Card.File, read.Card.Weights));
        }
    }

    [Fact]
    public void A_foreign_file_says_nothing()
    {
        Assert.Null(ModelMetadata.Read(TinyNet.Build(), "x"));
        Assert.Null(ModelMetadata.Read(new Dictionary<string, string> { ["anneal.temperature"] = "1", ["author"] = "me", ["Image.BitmapPixelFormat"] = "Rgb8" }, "x"));
    }

    /// <summary>Key, value, and how the message goes on after the file's name.</summary>
    public static TheoryData<string, string?, string> Wrong => new()
    {
        { "anneal.format", null, ", metadata 'anneal.format': expected the version of the layout, a whole number from 1, found no such key." },
        { "anneal.format", "one", ", metadata 'anneal.format': expected the version of the layout, a whole number from 1, found \"one\"." },
        { "anneal.format", "0", ", metadata 'anneal.format': expected the version" },
        { "anneal.format", "2", ", metadata 'anneal.format': its layout is version 2, and 1 is the newest that is known here." },
        { "anneal.format", "9999999999", ", metadata 'anneal.format': expected at most 9 characters, found 10." },
        { "anneal.card", "{", ", metadata 'anneal.card', line 1, byte 2: this is no JSON." },
        { "anneal.card", "[]", ", metadata 'anneal.card': expected an object, found a list." },
        { "anneal.card", "{\"name\":\"x\"}", ", metadata 'anneal.card', entry 'x', member 'summary': expected a text, found nothing: this member is missing." },
        { "anneal.card", Card("\"labels\":\"/etc/passwd\""), ", metadata 'anneal.card', line 1, entry 'tiny', member 'labels': expected a label set that ships with the zoo" },
        { "anneal.card", Card("\"weights\":\"published\",\"file\":{\"sha256\":\"" + Digest + "\",\"sizeBytes\":1,\"sources\":[\"file:x\"]}"), ", metadata 'anneal.card', line 1, entry 'tiny', member 'file': expected no such member, as the card is inside its file, found one." },
        { "anneal.card", Card("\"opset\":\"13\""), ", metadata 'anneal.card', line 1, entry 'tiny', member 'opset': expected a whole number, found \"13\"." },
        { "anneal.card", new string(' ', 300_000), ", metadata 'anneal.card': expected at most 262144 characters, found 300000." },
        { "anneal.card", string.Concat(Enumerable.Repeat("[", 100_000)), ", metadata 'anneal.card', line 1, byte" },
        { "anneal.classes", "[]", ", metadata 'anneal.classes': expected 1 to 131072 names, found 0." },
        { "anneal.classes", "[\"a\",5]", ", metadata 'anneal.classes', line 1, member '[1]': expected a text, found 5." },
        { "anneal.classes", "[\"a\",\" \"]", ", metadata 'anneal.classes', line 1, member '[1]': expected a text, found \" \"." },
        { "anneal.classes", "[\"" + new string('a', 5000) + "\"]", ", metadata 'anneal.classes', line 1, member '[0]': expected a text of at most 4096 characters, found 5000." },
        { "anneal.classes", "[" + string.Join(',', Enumerable.Repeat("\"a\"", 131_073)) + "]", ", metadata 'anneal.classes': expected 1 to 131072 names, found 131073." },
        { "anneal.classes", new string('a', (4 << 20) + 1), ", metadata 'anneal.classes': expected at most 4194304 characters, found 4194305." },
        { "anneal.lineage", "{\"dataSha256\":\"ABC\"}", ", metadata 'anneal.lineage', line 1, member 'dataSha256': expected 64 lower-case hexadecimal digits" },
        { "anneal.lineage", "{\"metrics\":{\"top1\":\"NaN\"}}", ", metadata 'anneal.lineage', line 1, member 'metrics.top1': expected a number, found \"NaN\"." },
        { "anneal.lineage", "{\"metrics\":{\"top1\":1,\"top1\":2}}", ", metadata 'anneal.lineage', line 1, member 'metrics.top1': expected it once, found it twice in the same object." },
        { "anneal.lineage", "{\"date\":\"today\"}", ", metadata 'anneal.lineage', line 1, member 'date': expected one of the members parent, parentSha256, dataSha256, recipe, metrics, madeBy, found this unknown one." },
        { "anneal.golden", "{\"expected\":[1],\"tolerance\":0}", ", metadata 'anneal.golden': expected either a picture or a seed, found neither." },
        { "anneal.golden", "{\"seed\":\"1\",\"picture\":\"AA==\",\"expected\":[1],\"tolerance\":0}", ", metadata 'anneal.golden': expected either a picture or a seed, found both." },
        { "anneal.golden", "{\"seed\":\"-1\",\"expected\":[1],\"tolerance\":0}", ", metadata 'anneal.golden', line 1, member 'seed': expected a whole number from 0 to 18446744073709551615 in quotes, found \"-1\"." },
        { "anneal.golden", "{\"picture\":\"#\",\"expected\":[1],\"tolerance\":0}", ", metadata 'anneal.golden', line 1, member 'picture': expected a picture of 1 to 32768 bytes in base64" },
        { "anneal.golden", "{\"picture\":\"" + new string('A', 43_696) + "\",\"expected\":[1],\"tolerance\":0}", ", metadata 'anneal.golden', line 1, member 'picture': expected a picture of 1 to 32768 bytes in base64" },
        { "anneal.golden", "{\"seed\":\"1\",\"expected\":[],\"tolerance\":0}", ", metadata 'anneal.golden', line 1, member 'expected': expected 1 to 65536 numbers, found 0." },
        { "anneal.golden", "{\"seed\":\"1\",\"expected\":[1e39],\"tolerance\":0}", ", metadata 'anneal.golden', line 1, member 'expected[0]': expected a number, found 1e39." },
        { "anneal.golden", "{\"seed\":\"1\",\"expected\":[" + string.Join(',', Enumerable.Repeat(1, 65_537)) + "],\"tolerance\":0}", ", metadata 'anneal.golden', line 1, member 'expected': expected 1 to 65536 numbers, found 65537." },
        { "anneal.golden", "{\"seed\":\"1\",\"expected\":[1],\"tolerance\":-1}", ", metadata 'anneal.golden', line 1, member 'tolerance': expected a number from 0, found -1." },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void A_wrong_value_is_refused_by_its_key_with_the_reason(string key, string? value, string message)
    {
        var model = TinyNet.Described();
        model.Metadata[key] = value;
        var entries = model.Metadata.ToDictionary(entry => entry.Key, entry => entry.Value);
        foreach (var read in new Action[] { () => ModelMetadata.Read(model, "net.onnx"), () => ModelMetadata.Read(entries, "net.onnx") })
        {
            var error = Assert.Throws<InvalidModelException>(read);
            Assert.StartsWith("net.onnx" + message, error.Message, StringComparison.Ordinal);
            Assert.InRange(error.Message.Length, 20, 400);
        }
    }

    [Fact]
    public void A_key_that_stands_in_the_file_twice_is_refused()
    {
        var model = TinyNet.Described();
        model.Metadata.Add(new("anneal.classes", "[\"other\"]"));
        var error = Assert.Throws<InvalidModelException>(() => ModelMetadata.Read(model, "net.onnx"));
        Assert.Equal("net.onnx, metadata 'anneal.classes': expected it once, found it twice.", error.Message);
    }

    /// <summary>Facts that cannot be written, and what is said.</summary>
    public static TheoryData<string, string> Unwritable => new()
    {
        { "metric", "member 'metrics.top1': expected a number, found \"NaN\"" },
        { "picture", "member 'picture': expected a picture of 1 to 32768 bytes" },
        { "tolerance", "member 'tolerance': expected a number, found \"Infinity\"" },
        { "names", "The classes are called otherwise in the metadata (2 names) than in its card 'tiny' (3: the card 'tiny')" },
        { "count", "states 4 classes for output 'y', but its labels 'the card 'tiny'' have 3" },
        { "recipe", "metadata 'anneal.lineage': expected at most 262144 characters" },
    };

    [Theory, MemberData(nameof(Unwritable))]
    public void What_could_not_be_read_is_not_written_and_the_model_stays_as_it_was(string what, string message)
    {
        var model = TinyNet.Described();
        var before = OnnxFile.ToBytes(model);
        var facts = what switch
        {
            "metric" => Facts with { Lineage = new() { Metrics = new Dictionary<string, double> { ["top1"] = double.NaN } } },
            "picture" => Facts with { Golden = Facts.Golden! with { Picture = new byte[GoldenExample.LargestPicture + 1] } },
            "tolerance" => Facts with { Golden = Facts.Golden! with { Tolerance = double.PositiveInfinity } },
            "names" => Facts with { ClassNames = ["a", "b"] },
            "count" => Facts with { Card = TinyNet.Card with { Output = new("y", [-1, 4]) } },
            _ => Facts with { Lineage = new() { Recipe = new string('a', 300_000) } },
        };
        var error = Assert.ThrowsAny<AnnealException>(() => facts.WriteTo(model));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, OnnxFile.ToBytes(model));
    }

    [Theory]
    [InlineData(ColorOrder.Rgb, 1, null, null, "Rgb8", "NominalRange_0_255")]
    [InlineData(ColorOrder.Bgr, 255, null, null, "Bgr8", "Normalized_0_1")]
    [InlineData(ColorOrder.Gray, 255, 0.5f, 0.5f, "Gray8", "Normalized_1_1")]
    [InlineData(ColorOrder.Rgb, 127.5f, 1f, null, "Rgb8", "Normalized_1_1")]
    [InlineData(ColorOrder.Rgb, 1, 127.5f, 127.5f, "Rgb8", "Normalized_1_1")]
    [InlineData(ColorOrder.Rgb, 255, 0.485f, 0.229f, "Rgb8", null)]
    [InlineData(ColorOrder.Rgb, 1, 127f, 128f, "Rgb8", null)]
    [InlineData(ColorOrder.Gray, 256, null, null, "Gray8", null)]
    public void The_standard_keys_say_what_they_can_and_nothing_else(ColorOrder color, float divide, float? mean, float? std, string format, string? range)
    {
        var channels = color == ColorOrder.Gray ? 1 : 3;
        var steps = TinyNet.Card.Preprocessing with
        {
            Color = color,
            Divide = divide,
            Mean = mean is { } m ? [.. Enumerable.Repeat(m, channels)] : null,
            Std = std is { } s ? [.. Enumerable.Repeat(s, channels)] : null,
        };
        var model = TinyNet.Build();
        model.Metadata["Image.NominalPixelRange"] = "NominalRange_16_235";
        new ModelMetadata { Card = TinyNet.Card with { Preprocessing = steps, Input = null } }.WriteTo(model);
        Assert.Equal((format, "SRGB", range), (model.Metadata["Image.BitmapPixelFormat"], model.Metadata["Image.ColorSpaceGamma"], model.Metadata["Image.NominalPixelRange"]));
    }

    private static string Card(string more) =>
        $$"""{"name":"tiny","summary":"s","outputKind":"logits","preprocessing":{"color":"rgb","orientation":"ignore","divide":1,"layout":"nchw"},{{more}}}""";

    private string Save(ModelMetadata facts)
    {
        var model = TinyNet.Build();
        facts.WriteTo(model);
        OnnxFile.Save(model, _folder["net.onnx"]);
        return _folder["net.onnx"];
    }
}
