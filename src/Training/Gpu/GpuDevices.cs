using System.Reflection;
using Anneal.Onnx;
using Anneal.Training.Devices;
using ILGPU;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Anneal.Training.Gpu;

/// <summary>Finds and opens GPUs. What is opened stays open until the process ends.</summary>
internal static class GpuDevices
{
    /// <summary>The number of ILGPU's simulator among the OpenCL devices: kernels as threads of the processor, for tests at toy sizes.</summary>
    public const int Simulator = 1000;

    /// <summary>The number under which operators are tried (<see cref="TrialDevice"/>).</summary>
    public const int Trial = 1001;

    /// <summary>Opens a device.</summary>
    /// <exception cref="DeviceUnavailableException">There is none of this name; the message says what is missing.</exception>
    public static ComputeDevice Open(Onnx.Device name) => name switch
    {
        { Kind: DeviceKind.Cuda } => OpenCuda(name),
        { Index: Simulator } => OpenSimulator(name),
        _ => OpenOpenCl(name),
    };

    /// <summary>A context with our settings. Only at O2 does ILGPU write loads and stores of a known address space.</summary>
    public static Context NewContext(Func<Context.Builder, Context.Builder> devices)
    {
        DeviceFunctions.Register();
        return Context.Create(builder => devices(builder).EnableAlgorithms().Optimize(OptimizationLevel.O2));
    }

    private static GpuDevice OpenCuda(Onnx.Device name)
    {
        Require("cuda", name, NativeLibraries.CudaVariable, "Install NVIDIA's driver");
        var context = NewContext(builder => builder.Cuda());
        var devices = context.GetCudaDevices();
        if (name.Index >= devices.Count)
            throw Missing(context, name, devices.Count, "NVIDIA GPU", "nvidia-smi -L lists what the driver sees");
        var device = devices[name.Index];
        return Open(name, () => device.CreateCudaAccelerator(context));
    }

    private static GpuDevice OpenOpenCl(Onnx.Device name)
    {
        Require("OpenCL", name, NativeLibraries.OpenClVariable, "Install OpenCL's loader and a driver (Debian: ocl-icd-libopencl1, and pocl-opencl-icd for the processor)");
        var context = NewContext(builder => builder.OpenCL(_ => true));
        var devices = context.GetCLDevices();
        if (name.Index >= devices.Count)
            throw Missing(context, name, devices.Count, "OpenCL device", "clinfo -l lists what the drivers offer");
        var device = devices[name.Index];
        ClaimGenericAddresses(device);
        return Open(name, () => device.CreateCLAccelerator(context));
    }

    private static GpuDevice OpenSimulator(Onnx.Device name)
    {
        var context = NewContext(builder => builder.CPU(CPUDevice.Nvidia));
        return new(name, context.CreateCPUAccelerator(0));
    }

    private static GpuDevice Open(Onnx.Device name, Func<ILGPU.Runtime.Accelerator> open)
    {
        try
        {
            return new(name, open());
        }
        catch (Exception e) when (e is not AnnealException)
        {
            // Drivers fail in many ways, and ILGPU passes on exceptions of its own, of the loader and of the runtime.
            throw new DeviceUnavailableException($"{name} is there and cannot be opened: {e.Message}", e);
        }
    }

    private static void Require(string library, Onnx.Device name, string variable, string remedy)
    {
        _ = NativeLibraries.Prepare();
        if (NativeLibraries.Find(library) == 0)
            throw new DeviceUnavailableException($"{name} cannot be used: the library '{library}' is not on this machine. {remedy}, or name the library's path in {variable}.");
    }

    private static DeviceUnavailableException Missing(Context context, Onnx.Device name, int count, string what, string hint)
    {
        context.Dispose();
        return new($"There is no {name}: this machine has {count} {what}{(count == 1 ? "" : "s")}, counted from 0. {hint}.");
    }

    /// <summary>
    /// ILGPU refuses OpenCL devices without generic addresses, PoCL's among them, although the code that it writes at O2 needs none here. Its own
    /// setter is internal; a test fails when a new version has another.
    /// </summary>
    private static void ClaimGenericAddresses(CLDevice device) => GenericAddresses.SetValue(device.Capabilities, true);

    private static PropertyInfo GenericAddresses => typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace))
        ?? throw new MissingMemberException(nameof(CLCapabilityContext), nameof(CLCapabilityContext.GenericAddressSpace));
}
