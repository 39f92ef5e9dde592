using System.Collections.Concurrent;
using Anneal.Training.Gpu;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace Anneal.Training.Tests.Gpu;

/// <summary>
/// A device that compiles kernels for NVIDIA GPUs and runs none of them: what operators would launch is found without a GPU. What it computes means nothing.
/// </summary>
internal sealed class PtxDevice : GpuDevice, IDisposable
{
    private static readonly CudaArchitecture Architecture = CudaArchitecture.SM_80;

    private readonly PTXBackend _backend;

    private PtxDevice(Onnx.Device name, Context context) : base(name, context.CreateCPUAccelerator(0)) => _backend = new(
        context, new CudaCapabilityContext(Architecture), Architecture, CudaAccelerator.GetInstructionSet(Architecture, CudaDriverVersion.FromMajorMinor(12, 0)), null);

    /// <summary>What was compiled: the name of the work, and its PTX or why it could not be compiled.</summary>
    public ConcurrentDictionary<string, string> Compiled { get; } = [];

    /// <summary>The types of the works that were compiled.</summary>
    public ConcurrentBag<Type> Works { get; } = [];

    public static PtxDevice Open(int number) => new(Onnx.Device.OpenCl(number), GpuDevices.NewContext(builder => builder.CPU(CPUDevice.Default)));

    public void Dispose() => _backend.Dispose();

    protected override Action<AcceleratorStream, KernelConfig, TWork> Load<TWork>()
    {
        Compiled[NameOf(typeof(TWork))] = Compile<TWork>();
        Works.Add(typeof(TWork));
        return (_, _, _) => { };
    }

    private string Compile<TWork>() where TWork : struct, IGpuWork
    {
        try
        {
            var entry = EntryPointDescription.FromExplicitlyGroupedKernel(new Action<TWork>(GpuEntry.Run).Method);
            return ((PTXCompiledKernel)_backend.Compile(entry, default)).PTXAssembly;
        }
        catch (Exception e) when (e is InternalCompilerException or NotSupportedException)
        {
            return $"{e.Message} {e.InnerException?.Message}";
        }
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;
}
