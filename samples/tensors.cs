#!/usr/bin/env dotnet
#:project ../src/Runtime/Runtime.csproj
#:package Microsoft.ML.OnnxRuntime

// Any ONNX file, by tensors: prints what it asks for, runs it on zeros, prints what it gives.   dotnet run samples/tensors.cs -- net.onnx

using Anneal.Onnx;
using Anneal.Runtime;

if (args.Length != 1)
{
    Console.Error.WriteLine("usage: dotnet run samples/tensors.cs -- FILE.onnx");
    return 2;
}

using var session = new OrtEngine().Open(args[0], new EngineOptions { Device = Device.Cpu });
var inputs = session.Inputs.Select(Zeros).ToList();
foreach (var tensor in inputs.Concat(session.Run(inputs)))
    Console.WriteLine(tensor);
return 0;

static NamedTensor Zeros(TensorInfo input)
{
    long[] shape = [.. input.Shape.Select(extent => Math.Max(1, extent))];
    var length = shape.Aggregate(1L, (a, b) => a * b);
    return input.DType switch
    {
        DType.Float32 => NamedTensor.Create(input.Name, new float[length], shape),
        DType.Int64 => NamedTensor.Create(input.Name, new long[length], shape),
        _ => throw new AnnealException($"Input '{input.Name}' is {input.DType}; this sample makes Float32 and Int64."),
    };
}
