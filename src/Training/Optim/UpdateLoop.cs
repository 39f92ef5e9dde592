using System.Numerics;
using Anneal.Onnx;
using Anneal.Training.Cpu;
using Anneal.Training.Gpu;

namespace Anneal.Training.Optim;

/// <summary>
/// How an optimiser changes a few elements at once, in float32 or double: w is the parameter, dw its gradient, a, b and c are what is remembered of
/// it. The processor and GPUs run it as it stands.
/// </summary>
internal interface IUpdateRule<T> where T : unmanaged
{
    void Update<TLanes>(ref TLanes w, TLanes dw, ref TLanes a, ref TLanes b, ref TLanes c) where TLanes : struct, ILanes<TLanes, T>;
}

/// <summary>Runs a rule over a parameter where it lives: one pass over memory, whatever the rule, on the processor in chunks of a fixed size.</summary>
internal static unsafe class UpdateLoop
{
    public static void Run<T, TRule>(TRule rule, MutableTensor w, Tensor dw, MutableTensor? a = null, MutableTensor? b = null, MutableTensor? c = null)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRule : struct, IUpdateRule<T>
    {
        if (dw.DType != w.DType || dw.Shape != w.Shape)
            throw new ShapeMismatchException($"{w.Title} cannot be moved along {dw.Title}: type and shape must be the same.");
        if (dw.Compute != w.Compute)
            throw new DeviceUnavailableException($"{w.Title} lives on {w.Device} and cannot be moved along {dw.Title} on {dw.Device}: both must live on one device.");
        if (w.Compute is GpuDevice gpu)
            GpuUpdate.Run<T, TRule>(gpu, rule, w, dw, a, b, c);
        else
            RunHere<T, TRule>(rule, w, dw, a, b, c);
    }

    private static void RunHere<T, TRule>(TRule rule, MutableTensor w, Tensor dw, MutableTensor? a, MutableTensor? b, MutableTensor? c)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRule : struct, IUpdateRule<T>
    {
        var work = new Work<T, TRule>(rule, (T*)w.Change(), (T*)dw.Address, Changed<T>(a), Changed<T>(b), Changed<T>(c), w.Count);
        Workers.Run(ElementLoops.Chunks(w.Count), ref work);
        GC.KeepAlive(w);
        GC.KeepAlive(dw);
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(c);
    }

    private static T* Changed<T>(MutableTensor? state) where T : unmanaged => state is null ? null : (T*)state.Change();

    private readonly struct Work<T, TRule>(TRule rule, T* w, T* dw, T* a, T* b, T* c, int count) : IWork
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRule : struct, IUpdateRule<T>
    {
        // Its place among the five, which stays as it is.
        private const int Gradient = 1;

        public void Run(int part)
        {
            var end = Math.Min((part + 1) * ElementLoops.Chunk, count);
            var i = part * ElementLoops.Chunk;
            for (; i <= end - Vector<T>.Count; i += Vector<T>.Count)
                Move(w + i, dw + i, At(a, i), At(b, i), At(c, i));
            if (i < end)
                MoveLast(i, end - i);
        }

        private static T* At(T* first, int index) => first is null ? null : first + index;

        private void Move(T* w, T* dw, T* a, T* b, T* c)
        {
            var (x, lanesA, lanesB, lanesC) = (Load(w), Load(a), Load(b), Load(c));
            rule.Update(ref x, Load(dw), ref lanesA, ref lanesB, ref lanesC);
            Store(x, w);
            Store(lanesA, a);
            Store(lanesB, b);
            Store(lanesC, c);
        }

        private static VectorLanes<T> Load(T* from) => from is null ? default : new(Vector.Load(from));

        private static void Store(VectorLanes<T> lanes, T* to)
        {
            if (to is not null)
                Vector.Store(lanes.Value, to);
        }

        /// <summary>The last few elements, less than a vector: moved in a place of their own and copied back.</summary>
        private void MoveLast(int start, int length)
        {
            var place = stackalloc T[5 * Vector<T>.Count];
            var all = stackalloc T*[5] { At(w, start), At(dw, start), At(a, start), At(b, start), At(c, start) };
            for (var k = 0; k < 5; k++)
                Copy(all[k], place + (k * Vector<T>.Count), length);
            Move(place, place + Vector<T>.Count, place + (2 * Vector<T>.Count), place + (3 * Vector<T>.Count), place + (4 * Vector<T>.Count));
            for (var k = 0; k < 5; k++)
                if (k != Gradient)
                    Copy(place + (k * Vector<T>.Count), all[k], length);
        }

        private static void Copy(T* from, T* to, int length)
        {
            if (from is not null && to is not null)
                new ReadOnlySpan<T>(from, length).CopyTo(new(to, length));
        }
    }
}
