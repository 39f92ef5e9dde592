using Anneal.Onnx.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Anneal.Onnx.Tests;

public sealed class RoundTripTests
{
    [Fact]
    public void Every_real_model_is_saved_byte_for_byte_and_so_is_its_copy()
    {
        var paths = RealModels.All();
        Assert.DoesNotContain(paths, path =>
        {
            var (bytes, model) = (File.ReadAllBytes(path), OnnxFile.Load(path));
            return !bytes.AsSpan().SequenceEqual(OnnxFile.ToBytes(model)) || !bytes.AsSpan().SequenceEqual(OnnxFile.ToBytes(model.Copy()));
        });
        Assert.InRange(paths.Length, 1305, int.MaxValue);
    }

    [Fact]
    public void Every_field_of_random_models_survives() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var bytes = new RandomProto(seed).Model();
        var model = OnnxFile.Parse(bytes);
        foreach (var saved in new[] { OnnxFile.ToBytes(model), OnnxFile.ToBytes(model.Copy()) })
            Assert.True(bytes.AsSpan().SequenceEqual(saved), $"seed {seed}: {Difference(bytes, saved)}");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithQuietOnSuccess(true));

    [Fact]
    public void A_model_built_here_is_what_it_says_after_a_round_trip()
    {
        var loaded = OnnxFile.Parse(OnnxFile.ToBytes(TestGraphs.ReluAdd()));
        Assert.Equal("relu-add (IR 10, ai.onnx 21, 2 nodes)", loaded.ToString());
        Assert.Equal("tests", loaded.ProducerName);
        Assert.Equal("Float32 [N,4]", loaded.Graph.Inputs[0].Type!.ToString());
    }

    private static string Difference(byte[] original, byte[] saved)
    {
        var (a, b) = (ModelProto.Parser.ParseFrom(original).ToString(), ModelProto.Parser.ParseFrom(saved).ToString());
        var at = a.Zip(b).TakeWhile(p => p.First == p.Second).Count();
        return $"…{a[Math.Max(0, at - 60)..Math.Min(a.Length, at + 60)]} became …{b[Math.Max(0, at - 60)..Math.Min(b.Length, at + 60)]}";
    }
}
