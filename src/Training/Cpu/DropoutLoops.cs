using System.Numerics;

namespace Anneal.Training.Cpu;

/// <summary>Elements that go or stay by a random word each: element i by word i mod 4 of block i / 4.</summary>
internal static unsafe class DropoutLoops
{
    public const int WordsPerBlock = 4;

    /// <summary>y = x · scale where the word is not below the threshold and 0 elsewhere; stayed, where it is wanted, says which.</summary>
    public static void Run<T>(Tensor x, Tensor y, Tensor? stayed, Draws draws, double p) where T : unmanaged, INumber<T>
    {
        var work = new DropWork<T>((T*)x.Address, (T*)y.Address, stayed is null ? null : (bool*)stayed.Address, x.Count, draws, Threshold(p), Scale<T>(p));
        Workers.Run(ElementLoops.Chunks(x.Count), ref work);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        GC.KeepAlive(stayed);
    }

    /// <summary>Words below it are a share p of all 2³² words, to within half a word.</summary>
    public static ulong Threshold(double p) => (ulong)Math.Round(p * (1L << 32));

    /// <summary>What stays is multiplied by it, so that the expectation stays.</summary>
    public static T Scale<T>(double p) where T : unmanaged, INumber<T> => p < 1 ? T.CreateTruncating(1 / (1 - p)) : T.Zero;

    private readonly struct DropWork<T>(T* x, T* y, bool* stayed, int count, Draws draws, ulong threshold, T scale) : IWork
        where T : unmanaged, INumber<T>
    {
        public void Run(int part)
        {
            // Chunks are whole blocks, so that no block is computed twice.
            var end = Math.Min((part + 1) * ElementLoops.Chunk, count);
            for (var first = part * ElementLoops.Chunk; first < end; first += WordsPerBlock)
            {
                var block = draws.Block(first / WordsPerBlock);
                if (end - first >= WordsPerBlock)
                {
                    Element(first, block.Word0);
                    Element(first + 1, block.Word1);
                    Element(first + 2, block.Word2);
                    Element(first + 3, block.Word3);
                }
                else
                    for (var i = first; i < end; i++)
                        Element(i, block[i - first]);
            }
        }

        private void Element(int i, uint word)
        {
            var stays = word >= threshold;
            y[i] = stays ? x[i] * scale : T.Zero;
            if (stayed != null)
                stayed[i] = stays;
        }
    }
}
