using Anneal.Bench.Gpu;
using Anneal.Onnx;

// What kernels and whole nets take on a device, one JSON line each: GpuSpeed DEVICE [small]. The shapes and nets are those of torch_speed.py.
// GpuSpeed table FILE makes a table of the lines of both, with the processor beside the device.
if (args is ["table", var path])
{
    LectureTable.Print(path);
    return;
}
var (device, isSmall) = (Device.Parse(args[0]), args.Contains("small"));
var clock = new Clock(device, isSmall);
KernelSpeed.Run(clock, isSmall);
NetSpeed.Run(clock, isSmall);
NetSpeed.RunOnProcessor(isSmall);
