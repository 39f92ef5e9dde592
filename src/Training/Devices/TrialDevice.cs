using Anneal.Onnx;
using Anneal.Training.Gpu;

namespace Anneal.Training.Devices;

/// <summary>
/// The processor by another name: what an operator that is made of others would have a GPU do is found by applying it here, where what lives on a device is
/// told from what the host reads.
/// </summary>
internal sealed class TrialDevice : CpuDevice
{
    private static readonly Lazy<TrialDevice> Known = new(Make);

    private TrialDevice() : base(Device.OpenCl(GpuDevices.Trial)) { }

    /// <summary>The one that there is.</summary>
    public static TrialDevice Instance => Known.Value;

    private static TrialDevice Make()
    {
        var device = new TrialDevice();
        Add(device);
        return device;
    }
}
