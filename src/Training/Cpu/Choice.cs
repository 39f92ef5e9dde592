using Anneal.Onnx;

namespace Anneal.Training.Cpu;

/// <summary>Takes each element from one of two tensors of one shape, as a bool says; elements are moved by their width, whatever their type.</summary>
internal static unsafe class Choice
{
    public static void Run(Tensor condition, Tensor a, Tensor b, Tensor y)
    {
        switch (y.DType.Bits())
        {
            case 8: Run<byte>(condition, a, b, y); break;
            case 16: Run<ushort>(condition, a, b, y); break;
            case 32: Run<uint>(condition, a, b, y); break;
            case 64: Run<ulong>(condition, a, b, y); break;
            default: throw new ShapeMismatchException($"Where does not take {a.Title}.");
        }
        GC.KeepAlive(condition);
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(y);
    }

    private static void Run<T>(Tensor condition, Tensor a, Tensor b, Tensor y) where T : unmanaged
    {
        var work = new Work<T>((bool*)condition.Address, (T*)a.Address, (T*)b.Address, (T*)y.Address, y.Count);
        Workers.Run(ElementLoops.Chunks(y.Count), ref work);
    }

    private readonly struct Work<T>(bool* condition, T* a, T* b, T* y, int count) : IWork where T : unmanaged
    {
        public void Run(int part)
        {
            var end = Math.Min((part + 1) * ElementLoops.Chunk, count);
            for (var i = part * ElementLoops.Chunk; i < end; i++)
                y[i] = condition[i] ? a[i] : b[i];
        }
    }
}
