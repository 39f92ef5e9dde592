using System.Diagnostics;
using Anneal.Onnx.Passes;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>Damaged files with functions and composite operators: whatever still loads is rewritten or refused, by an error of ours and at once.</summary>
public sealed class MutantTests
{
    private const int Mutants = 1500;

    public static TheoryData<string> Bases => ["test_attention_4d_with_past_and_present_qk_matmul_bias_4d_mask_causal", "test_rotary_embedding_with_interleaved_rotary_dim", "test_affine_grid_3d", "functions"];

    [Theory, MemberData(nameof(Bases))]
    public void A_damaged_file_is_rewritten_or_refused(string name)
    {
        var original = name == "functions" ? OnnxFile.ToBytes(Library()) : File.ReadAllBytes(TestData.Require("onnx-backend", "node", name, "model.onnx"));
        var random = new Random(7);
        var reached = 0;
        for (var i = 0; i < Mutants; i++)
        {
            var bytes = Damage(original, random);
            var watch = Stopwatch.StartNew();
            reached += Survives(bytes) ? 1 : 0;
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"mutant {i} took {watch.Elapsed}");
        }
        Assert.InRange(reached, Mutants / 20, Mutants);
    }

    /// <summary>Whether a model came out at the end; any exception but ours fails the test by itself.</summary>
    private static bool Survives(byte[] bytes)
    {
        try
        {
            var model = OnnxFile.Parse(bytes);
            new InlineFunctions().Run(model);
            new Decompose().Run(model);
            OnnxFile.Parse(OnnxFile.ToBytes(model));
            return true;
        }
        catch (AnnealException)
        {
            return false;
        }
    }

    private static byte[] Damage(byte[] original, Random random)
    {
        var bytes = original.ToArray();
        for (var flips = random.Next(1, 4); flips > 0; flips--)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        if (random.Next(4) == 0)
            bytes = [.. bytes, .. bytes[random.Next(bytes.Length)..]];
        return bytes;
    }

    private static Model Library() => FunctionText.Model("y, z",
        ["h, _ = my.Both(x, _) name=first slope=0.25", "y, z = my.Both(h, x)"],
        FunctionText.Function("a, b = Both(x, w) slope=0.5", "t = my.Leaky(x) slope=@slope", "a = my.Leaky(t)", "b = Clip(a, w)"),
        FunctionText.Function("y = Leaky(x) slope", "y = LeakyRelu(x) alpha=@slope"));
}
