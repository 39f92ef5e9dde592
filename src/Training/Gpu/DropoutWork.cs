using Anneal.Training.Cpu;
using ILGPU;

namespace Anneal.Training.Gpu;

/// <summary>Elements that go or stay by a random word each, as <see cref="DropoutLoops"/> has them to the bit: a thread for each block of words.</summary>
internal readonly struct DropoutWork(Draws draws, ulong threshold, float scale, ArrayView<float> x, ArrayView<float> y, ArrayView<byte> stayed, int tellsStayed, int count) : IElementWork
{
    public void Run(int index)
    {
        var (words, first) = (draws.Block(index), index * DropoutLoops.WordsPerBlock);
        Element(first, words.Word0);
        Element(first + 1, words.Word1);
        Element(first + 2, words.Word2);
        Element(first + 3, words.Word3);
    }

    private void Element(int i, uint word)
    {
        if (i >= count)
            return;
        var stays = word >= threshold;
        y[i] = stays ? x[i] * scale : 0;
        if (tellsStayed != 0)
            stayed[i] = (byte)(stays ? 1 : 0);
    }
}
