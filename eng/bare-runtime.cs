#!/usr/bin/env dotnet
#:package Microsoft.ML.OnnxRuntime

// Runs a file in ONNX Runtime as a program does that knows nothing of Anneal, and compares with what Anneal gave.
//
//   dotnet run eng/bare-runtime.cs -- FILE.onnx FOLDER [--softmax]
//
// FOLDER holds, for batches of 1, 2 and 7, the numbers that went in and the probabilities that came out, as little-endian float32:
// input-1.bin, output-1.bin, … With --softmax the file gives scores, and probabilities are taken here. The largest difference may be 1e-5.

using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

const double allowed = 1e-5;
if (args is not [var file, var folder, .. var rest] || rest.Length > 1 || (rest.Length == 1 && rest[0] != "--softmax"))
{
    Console.Error.WriteLine("usage: dotnet run eng/bare-runtime.cs -- FILE.onnx FOLDER [--softmax]");
    return 2;
}
using var session = new InferenceSession(file);
var (name, declared) = (session.InputNames[0], session.InputMetadata[session.InputNames[0]].Dimensions);
var worst = 0.0;
foreach (var batch in new[] { 1, 2, 7 })
{
    var (input, expected) = (Read($"input-{batch}.bin"), Read($"output-{batch}.bin"));
    long[] shape = [batch, .. declared[1..].Select(extent => (long)extent)];
    using var x = OrtValue.CreateTensorValueFromMemory(input, shape);
    using var run = new RunOptions();
    using var y = session.Run(run, [name], [x], [session.OutputNames[0]]);
    var found = y[0].GetTensorDataAsSpan<float>().ToArray();
    if (found.Length != expected.Length)
        throw new InvalidDataException($"A batch of {batch} gave {found.Length} numbers; {expected.Length} were expected.");
    worst = Math.Max(worst, Difference(rest.Length == 1 ? Probabilities(found, found.Length / batch) : found, expected));
}
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"largest difference of a probability at batches of 1, 2 and 7: {worst:g2}"));
return worst <= allowed ? 0 : 1;

float[] Read(string part) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, part))).ToArray();

static double Difference(float[] a, float[] b) => a.Zip(b, (x, y) => float.IsFinite(x) ? Math.Abs((double)x - y) : double.PositiveInfinity).Max();

static float[] Probabilities(float[] scores, int classes)
{
    foreach (var row in Enumerable.Range(0, scores.Length / classes))
    {
        var part = scores.AsSpan(row * classes, classes);
        var greatest = MemoryMarshal.ToEnumerable<float>(scores.AsMemory(row * classes, classes)).Max();
        var sum = 0.0;
        foreach (var score in part)
            sum += Math.Exp(score - (double)greatest);
        for (var i = 0; i < classes; i++)
            part[i] = (float)(Math.Exp(part[i] - (double)greatest) / sum);
    }
    return scores;
}
