using System.Security.Cryptography;
using Anneal.Onnx;

namespace Anneal.Zoo.Tests;

/// <summary>Names, paths and addresses, and what becomes of each; the model passes three colour means through.</summary>
public sealed class ModelZooTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _sha256;

    public ModelZooTests()
    {
        OnnxFile.Save(Means(), ModelPath);
        _sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(ModelPath)));
        File.WriteAllText(_folder["labels.txt"], "red\ngreen\nblue\n");
        File.WriteAllText(_folder["zoo.json"], $$"""
            { "models": [ {{Card("colours", "published")}}, {{Card("doubtful", "unverified")}} ] }
            """);
        File.WriteAllBytes(PhotoPath, ColourSession.Bitmap('g'));
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "colour", "Did you mean 'colours'" },
        { "doubtful", "not known to be trained" },
        { "cifar10", "has no file" },
        { "nowhere/net.onnx", "There is no file" },
        { "{model}", "Give a card" },
        { "{address}", "SHA-256" },
    };

    private string ModelPath => _folder["means.onnx"];

    private string PhotoPath => _folder["green.bmp"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("colours", false, false)]
    [InlineData("COLOURS", false, false)]
    [InlineData("{model}", true, false)]
    [InlineData("{model}", true, true)]
    [InlineData("{address}", true, true)]
    public void A_name_a_path_and_an_address_load_the_same_classifier(string model, bool card, bool sha256)
    {
        var zoo = Zoo();
        using var classifier = zoo.Load(Fill(model), new() { Card = card ? zoo.Catalog.Get("colours") : null, Sha256 = sha256 ? _sha256 : null });
        var best = classifier.Classify(PhotoPath)[0];
        Assert.Equal((1, "green"), (best.Index, best.Label));
    }

    [Theory, MemberData(nameof(Refused))]
    public async Task What_cannot_be_had_is_refused_with_what_to_do(string model, string says)
    {
        var error = await Assert.ThrowsAnyAsync<AnnealException>(() => Zoo().LoadAsync(Fill(model), cancellation: TestContext.Current.CancellationToken));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Doubtful_weights_load_when_they_are_asked_for()
    {
        using var classifier = Zoo().Load("doubtful", new() { AllowUnverified = true });
        Assert.Equal("doubtful", classifier.Card.Name);
    }

    [Fact]
    public void A_path_with_another_digest_than_stated_is_refused_with_both()
    {
        var zoo = Zoo();
        var other = new string('0', 64);
        var error = Assert.ThrowsAny<AnnealException>(() => zoo.Load(ModelPath, new() { Card = zoo.Catalog.Get("colours"), Sha256 = other }));
        Assert.Contains(other, error.Message, StringComparison.Ordinal);
        Assert.Contains(_sha256, error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(ModelPath));
    }

    [Fact]
    public void A_cached_file_that_went_bad_is_named_and_removed_and_the_next_load_fetches_it_anew()
    {
        var zoo = Zoo();
        zoo.Load("colours").Dispose();
        var cached = zoo.Cache.Find(zoo.Catalog.Get("colours").File!)!;
        var bytes = File.ReadAllBytes(cached);
        bytes[^5] ^= 1;
        File.SetAttributes(cached, FileAttributes.Normal);
        File.WriteAllBytes(cached, bytes);

        var error = Assert.ThrowsAny<AnnealException>(() => zoo.Load("colours"));
        Assert.Contains("changed since it was verified", error.Message, StringComparison.Ordinal);
        using var again = zoo.Load("colours");
        Assert.Equal(1, again.Classify(PhotoPath)[0].Index);
    }

    private ModelZoo Zoo() => new(new() { Catalogues = [_folder["zoo.json"]], CacheFolder = _folder["cache"] });

    private string Fill(string model) => model.Replace("{model}", ModelPath, StringComparison.Ordinal)
        .Replace("{address}", new Uri(ModelPath).AbsoluteUri, StringComparison.Ordinal);

    private string Card(string name, string weights) => $$"""
        {
          "name": "{{name}}", "summary": "Colours", "outputKind": "logits", "weights": "{{weights}}",
          "file": { "sha256": "{{_sha256}}", "sizeBytes": {{new FileInfo(ModelPath).Length}}, "sources": ["{{new Uri(ModelPath).AbsoluteUri}}"] },
          "preprocessing": { "color": "rgb", "orientation": "ignore", "crop": { "height": 2, "width": 2 }, "divide": 255, "layout": "nchw" },
          "labels": "labels.txt"
        }
        """;

    private static Model Means()
    {
        var graph = new Graph("means");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new Shape("N", 3, 2, 2)));
        var means = graph.AddNode("GlobalAveragePool", [x], ["means"]).Outputs[0];
        var y = graph.AddNode("Flatten", [means], ["y"]).Outputs[0]!;
        y.Type = new TensorType(DType.Float32, new Shape("N", 3));
        graph.AddOutput(y);
        var model = new Model(graph) { IrVersion = 8 };
        model.OperatorSets.Add(new("", 13));
        return model;
    }

}
