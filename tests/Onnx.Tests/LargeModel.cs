using System.Runtime.CompilerServices;

namespace Anneal.Onnx.Tests;

/// <summary>Writes models of a given size, and is the child process that loads or saves one and prints its peak memory.</summary>
internal static class LargeModel
{
    /// <summary>One tensor of most of the size, or sixteen; raw or as packed floats.</summary>
    public static void Write(string path, int megabytes, string form)
    {
        var graph = new Graph("large");
        var count = form == "raw-one" ? 1 : 16;
        for (var i = 0; i < count; i++)
        {
            var elements = new float[megabytes * (1L << 20) / 4 / count];
            Array.Fill(elements, i + 0.5f);
            graph.AddInitializer(TensorData.Create($"w{i}", elements, elements.Length));
        }
        OnnxFile.Save(new(graph), path);
        if (form == "floats")
            File.WriteAllBytes(path, Typed(path));
    }

    /// <summary>The same model with its elements in float_data: field 9 becomes field 4, of the same wire type.</summary>
    private static byte[] Typed(string path)
    {
        var proto = Wire.ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        foreach (var tensor in proto.Graph.Initializer)
        {
            tensor.FloatData.Add(tensor.RawData);
            tensor.ClearRawData();
        }
        return Google.Protobuf.MessageExtensions.ToByteArray(proto);
    }

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The test executable is its own measuring child.")]
    internal static void RunAsChild()
    {
        if (Environment.GetEnvironmentVariable("ANNEAL_PEAK_CHILD") is not { } order)
            return;
        var (action, path) = (order.Split('|')[0], order.Split('|')[1]);
        var model = OnnxFile.Load(path);
        if (action == "save")
            OnnxFile.Save(model, path);
        Console.Write(PeakBytes());
        GC.KeepAlive(model);
        Environment.Exit(0);
    }

    private static long PeakBytes()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }
}
