using System.Diagnostics;
using Anneal.Onnx;
using Anneal.Runtime;

namespace Anneal.Zoo.Tests.Metadata;

/// <summary>Golden examples: made, carried, and held against the model that carries them.</summary>
public sealed class ModelVerifierTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_formula_is_the_published_one()
    {
        // SplitMix64's well-known first outputs, and what they become: 0xE220A8397B1DCDAF for seed 0.
        Assert.Equal([0.7666215896606445, -0.13694405555725098, -0.9471324682235718], Enumerable.Range(0, 3).Select(i => (double)GoldenNumbers(0)[i]));
        Assert.Equal([-0.29984092712402344, -0.6527118682861328], GoldenNumbers(1234567).Take(2).Select(x => (double)x));
        Assert.Equal(0.7878857851028442, GoldenNumbers(ulong.MaxValue)[0]);
    }

    [Theory]
    [InlineData(null, "1, 2, 7")]
    [InlineData(1L, "1")]
    [InlineData(3L, "3")]
    public void A_file_gives_the_answer_that_it_carries_at_every_batch_it_takes(long? batch, string batches)
    {
        foreach (var golden in new Func<Model, GoldenExample>[] { Picture, model => Formula(model, TinyNet.Card, 7), model => Formula(model, null, ulong.MaxValue) })
        {
            var model = TinyNet.Build(batch);
            new ModelMetadata { Card = TinyNet.Card, Golden = golden(model) }.WriteTo(model);
            var found = ModelVerifier.Verify(Save(model), cancellation: TestContext.Current.CancellationToken);
            Assert.True(found.IsGood, found.ToString());
            Assert.Equal((_folder["net.onnx"], "ort", Device.Cpu, batches), (found.File, found.Engine, found.Device, string.Join(", ", found.Batches)));
        }
    }

    [Fact]
    public void The_expected_answer_is_what_anyone_can_work_out()
    {
        // A green picture: byte 200 on green, so means are 0, 200/255, 0.
        var golden = Picture(TinyNet.Build());
        var green = 200f / 255;
        Assert.Equal([0.5f + (0.25f * green), -0.5f, 0.125f + (2 * green)], golden.Expected.Select(number => MathF.Round(number, 6)).ToArray(), (a, b) => Math.Abs(a - b) < 2e-6f);
        Assert.Equal(1e-4 * golden.Expected.Max(), golden.Tolerance, 1e-9);
        Assert.Equal(0.5, GoldenExample.Create(TinyNet.Build(), TinyNet.Card, 1, 0.5, TestContext.Current.CancellationToken).Tolerance);
    }

    [Fact]
    public void A_changed_weight_is_found()
    {
        var weights = TinyNet.Weights.ToArray();
        weights[1] += 0.01f;
        var changed = TinyNet.Build(weights: weights);
        new ModelMetadata { Card = TinyNet.Card, Golden = Picture(TinyNet.Build()) }.WriteTo(changed);
        var found = ModelVerifier.Verify(Save(changed), cancellation: TestContext.Current.CancellationToken);
        Assert.False(found.IsGood);
        Assert.Equal(0.01 * 200 / 255, found.Largest, 1e-6);
    }

    [Theory]
    [InlineData("Log")]
    [InlineData("Sqrt")]
    public void An_answer_that_is_no_number_is_found(string last)
    {
        var good = TinyNet.Described();
        var bad = TinyNet.Build(last: last);
        foreach (var entry in good.Metadata)
            bad.Metadata.Add(entry);
        var found = ModelVerifier.Verify(Save(bad), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((false, double.PositiveInfinity), (found.IsGood, found.Largest));
        Assert.Contains("expected finite numbers", Assert.Throws<AnnealException>(() => Picture(bad)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_that_mixes_the_pictures_of_a_batch_is_found()
    {
        var model = TinyNet.Build(last: "Softmax");
        new ModelMetadata { Card = TinyNet.Card, Golden = Picture(model) }.WriteTo(model);
        Assert.Equal([1, 1, 1], ModelMetadata.Read(model, "x")!.Golden!.Expected);
        Assert.False(ModelVerifier.Verify(Save(model), cancellation: TestContext.Current.CancellationToken).IsGood);
    }

    [Fact]
    public void Batches_of_one_two_and_seven_go_through_the_session()
    {
        using var session = new ColourSession();
        var golden = GoldenExample.Create(session, TinyNet.Card, ColourSession.Bitmap('g'), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([0, 200f / 255, 0], golden.Expected);
        var described = new Dictionary<string, string>();
        var model = TinyNet.Described(golden);
        foreach (var entry in model.Metadata)
            described.Add(entry.Key, entry.Value);
        var found = ModelVerifier.Verify(new WithMetadata(session, described), "here", TestContext.Current.CancellationToken);
        Assert.Equal((true, 0, "colour"), (found.IsGood, found.Largest, found.Engine));
        Assert.Equal([1, 1, 2, 7], session.Fed);
    }

    /// <summary>What cannot be verified, and what is said.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "foreign", "holds no golden example, so there is nothing to check its answers against" },
        { "card only", "holds no golden example" },
        { "other model", "answers its golden example with 3 numbers, where 2 are recorded: this example belongs to another model" },
        { "no card", "has a picture as its golden example, but no card" },
        { "no picture", "the golden picture" },
        { "damaged", "metadata 'anneal.golden', line 1, byte 1: this is no JSON" },
    };

    [Theory, MemberData(nameof(Refused))]
    public void What_cannot_be_verified_is_refused_plainly(string what, string says)
    {
        var model = TinyNet.Build();
        var golden = Picture(model);
        ModelMetadata? facts = what switch
        {
            "foreign" => null,
            "card only" => new() { Card = TinyNet.Card },
            "other model" => new() { Card = TinyNet.Card, Golden = golden with { Expected = [1, 2] } },
            "no card" => new() { Golden = golden },
            "no picture" => new() { Card = TinyNet.Card, Golden = golden with { Picture = "no picture"u8.ToArray() } },
            _ => new() { Golden = golden },
        };
        facts?.WriteTo(model);
        if (what == "damaged")
            model.Metadata["anneal.golden"] = "?";
        var error = Assert.ThrowsAny<AnnealException>(() => ModelVerifier.Verify(Save(model), cancellation: TestContext.Current.CancellationToken));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, null, "The picture of a golden example has 0 bytes; expected 1 to 32768.")]
    [InlineData(32_769, null, "The picture of a golden example has 32769 bytes; expected 1 to 32768.")]
    [InlineData(70, double.NaN, "The tolerance of a golden example is NaN; expected a finite number from 0.")]
    [InlineData(70, -1.0, "The tolerance of a golden example is -1; expected a finite number from 0.")]
    public void An_example_out_of_its_range_is_not_made(int pictureBytes, double? tolerance, string says)
    {
        var error = Assert.Throws<AnnealException>(() => GoldenExample.Create(TinyNet.Build(), TinyNet.Card, new byte[pictureBytes], tolerance, TestContext.Current.CancellationToken));
        Assert.StartsWith(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_with_more_open_than_the_batch_needs_a_card_that_says_its_size()
    {
        var model = TinyNet.Build();
        model.Graph.Inputs[0].Type = new TensorType(DType.Float32, new Shape("N", 3, "H", "W"));
        Assert.Contains("leaves more open than the batch", Assert.Throws<AnnealException>(() => Formula(model, null, 1)).Message, StringComparison.Ordinal);
        Assert.Equal(3, Formula(model, TinyNet.Card, 1).Expected.Count);
    }

    [Fact]
    public void Several_inputs_of_other_types_take_the_formula_one_after_the_other()
    {
        var graph = new Graph("several");
        var a = graph.AddInput("a", new TensorType(DType.Float32, new Shape("N", 2)));
        var b = graph.AddInput("b", new TensorType(DType.Int64, new Shape("N", 3)));
        var cast = graph.AddNode("Cast", [b], ["cast"], NodeAttribute.Of("to", (long)DType.Float32)).Outputs[0];
        var y = graph.AddNode("Concat", [a, cast], ["y"], NodeAttribute.Of("axis", 1)).Outputs[0]!;
        y.Type = new TensorType(DType.Float32, new Shape("N", 5));
        graph.AddOutput(y);
        var model = new Model(graph) { IrVersion = 8 };
        model.OperatorSets.Add(new("", 13));
        var golden = Formula(model, null, 0);
        var numbers = GoldenNumbers(0);
        Assert.Equal([numbers[0], numbers[1], .. numbers[2..5].Select(number => number >= 0 ? 1f : 0)], golden.Expected);
        new ModelMetadata { Golden = golden }.WriteTo(model);
        Assert.Equal(0, ModelVerifier.Verify(Save(model), cancellation: TestContext.Current.CancellationToken).Largest);
    }

    [Fact]
    public async Task Python_verifies_a_file_from_its_bytes_alone()
    {
        var model = TinyNet.Build();
        new ModelMetadata { Card = TinyNet.Card, Golden = Formula(model, TinyNet.Card, 12345678901234567890) }.WriteTo(model);
        var path = Save(model);
        var script = Path.Combine(TestData.Checkout, "tests", "Zoo.Tests", "Metadata", "verify_tiny.py");
        using var python = Start(script, path);
        Assert.SkipWhen(python is null, "There is no python3 on this machine.");
        var (output, error) = (python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, "good"), (python.ExitCode, (await output + await error).Trim()));
    }

    private static Process? Start(string script, string model)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("python3", [script, model]) { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static GoldenExample Picture(Model model) =>
        GoldenExample.Create(model, TinyNet.Card, ColourSession.Bitmap('g'), cancellation: TestContext.Current.CancellationToken);

    private static GoldenExample Formula(Model model, ModelCard? card, ulong seed) =>
        GoldenExample.Create(model, card, seed, cancellation: TestContext.Current.CancellationToken);

    /// <summary>The formula's first numbers, seen through a model that hands its input on.</summary>
    private static float[] GoldenNumbers(ulong seed)
    {
        var graph = new Graph("same");
        var x = graph.AddInput("x", new TensorType(DType.Float32, new Shape("N", 5)));
        var y = graph.AddNode("Identity", [x], ["y"]).Outputs[0]!;
        y.Type = new TensorType(DType.Float32, new Shape("N", 5));
        graph.AddOutput(y);
        var model = new Model(graph) { IrVersion = 8 };
        model.OperatorSets.Add(new("", 13));
        return [.. Formula(model, null, seed).Expected];
    }

    private string Save(Model model)
    {
        OnnxFile.Save(model, _folder["net.onnx"]);
        return _folder["net.onnx"];
    }

    /// <summary>A session whose file describes itself.</summary>
    private sealed class WithMetadata(IModelSession session, IReadOnlyDictionary<string, string> metadata) : IModelSession
    {
        public string Engine => session.Engine;

        public Device Device => session.Device;

        public IReadOnlyList<TensorInfo> Inputs => session.Inputs;

        public IReadOnlyList<TensorInfo> Outputs => session.Outputs;

        public IReadOnlyDictionary<string, string> Metadata => metadata;

        public IReadOnlyList<string> Notices => session.Notices;

        public IReadOnlyList<NodePlacement>? Placement => session.Placement;

        public IReadOnlyList<NamedTensor> Run(IReadOnlyList<NamedTensor> inputs, CancellationToken cancellation = default) => session.Run(inputs, cancellation);

        public void Run(IReadOnlyList<NamedTensor> inputs, IReadOnlyList<NamedTensor> outputs, CancellationToken cancellation = default) => session.Run(inputs, outputs, cancellation);

        public void Dispose() => session.Dispose();
    }
}
