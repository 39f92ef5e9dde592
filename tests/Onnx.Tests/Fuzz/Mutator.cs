using System.Text;

namespace Anneal.Onnx.Tests.Fuzz;

/// <summary>Makes damaged and hostile models out of sound ones. A number alone decides which base is taken and what is done to it, so every mutant can be made again.</summary>
internal sealed class Mutator(IReadOnlyList<(string Name, byte[] Bytes)> bases)
{
    private const int MostBytes = 1 << 20;

    private static readonly ulong[] Numbers = [0, 1, 2, 3, 7, 64, 127, 128, 255, 1024, 65536, int.MaxValue, uint.MaxValue, 1UL << 40, 1UL << 62, long.MaxValue, ulong.MaxValue, unchecked((ulong)int.MinValue)];

    private static readonly string[] Texts = ["", "x", "y", "If", "Loop", "Scan", "Reshape", "Constant", "../outside", "location", "ai.onnx", new('n', 10_000), "\0", "é"];

    /// <summary>The mutant of a number, with the name of its base and what was done.</summary>
    public (string Base, string Mutations, byte[] Bytes) Make(int seed)
    {
        var random = new Random(seed);
        var (name, bytes) = bases[random.Next(bases.Count)];
        var done = new List<string>();
        for (var times = random.Next(1, 5); times > 0; times--)
        {
            var (mutation, mutated) = random.Next(4) == 0 ? MutateBytes(bytes, random) : MutateFields(bytes, random);
            if (mutated.Length > MostBytes)
                continue;
            done.Add(mutation);
            bytes = mutated;
        }
        return (name, string.Join(", ", done), bytes);
    }

    private static (string, byte[]) MutateBytes(byte[] bytes, Random random)
    {
        if (bytes.Length == 0)
            return ("nothing left", bytes);
        var damaged = bytes.ToArray();
        switch (random.Next(4))
        {
            case 0:
                for (var flips = random.Next(1, 9); flips > 0; flips--)
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                return ("bit flips", damaged);
            case 1:
                return ("truncation", damaged[..random.Next(damaged.Length)]);
            case 2:
                var start = random.Next(damaged.Length);
                random.NextBytes(damaged.AsSpan(start, Math.Min(random.Next(1, 64), damaged.Length - start)));
                return ("random bytes", damaged);
            default:
                var at = random.Next(damaged.Length);
                return ("a huge length", [.. damaged.AsSpan(0, at), 0xFF, 0xFF, 0xFF, 0xFF, (byte)random.Next(1, 8), .. damaged.AsSpan(at)]);
        }
    }

    private (string, byte[]) MutateFields(byte[] bytes, Random random)
    {
        if (WireTree.Parse(bytes) is not { Fields.Count: > 0 } root)
            return MutateBytes(bytes, random);
        WireTree[] all = [.. root.All()];
        WireTree[] messages = [.. all.Where(field => field.Fields is { Count: > 0 })];
        var parent = messages[random.Next(messages.Length)];
        var index = random.Next(parent.Fields!.Count);
        var mutation = random.Next(10) switch
        {
            0 => Do("a field removed", () => parent.Fields.RemoveAt(index)),
            1 => Do("a field repeated", () => parent.Fields.InsertRange(index, Enumerable.Repeat(parent.Fields[index], random.Next(1, 200)))),
            2 => Do("a field of another model", () => parent.Fields.Insert(index, Foreign(parent.Fields[index].Number, random))),
            3 => Do("a number changed", () => ChangeNumber(all, random)),
            4 => Do("a text changed", () => ChangeText(all, random)),
            5 => Do("two texts swapped", () => SwapTexts(all, random)),
            6 => Do("deep nesting", () => Nest(parent, random)),
            7 => Do("a field of another kind", () => parent.Fields[index].Number = random.Next(1, 30)),
            8 => Do("a field moved", () => Move(messages, parent, index, random)),
            _ => Do("another wire type", () => parent.Fields[index].Wire = random.Next(3) switch { 0 => 0, 1 => 5, _ => 2 }),
        };
        return (mutation, root.Content());
    }

    private static string Do(string mutation, Action act)
    {
        act();
        return mutation;
    }

    /// <summary>A field of another base, of the same number where it has one.</summary>
    private WireTree Foreign(int number, Random random)
    {
        var other = WireTree.Parse(bases[random.Next(bases.Count)].Bytes)!;
        WireTree[] all = [.. other.All().Skip(1)];
        WireTree[] same = [.. all.Where(field => field.Number == number)];
        return same.Length > 0 ? same[random.Next(same.Length)] : all[random.Next(all.Length)];
    }

    private static void ChangeNumber(WireTree[] all, Random random)
    {
        WireTree[] numbers = [.. all.Where(field => field.Wire != 2)];
        if (numbers.Length > 0)
            numbers[random.Next(numbers.Length)].Value = Numbers[random.Next(Numbers.Length)];
    }

    private static void ChangeText(WireTree[] all, Random random)
    {
        var texts = Leaves(all);
        if (texts.Length > 0)
            texts[random.Next(texts.Length)].Bytes = Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)]);
    }

    /// <summary>Names decide who uses what, so this makes cycles, undefined values, shadowing and calls of the wrong thing.</summary>
    private static void SwapTexts(WireTree[] all, Random random)
    {
        var texts = Leaves(all);
        if (texts.Length == 0)
            return;
        var (a, b) = (texts[random.Next(texts.Length)], texts[random.Next(texts.Length)]);
        (a.Bytes, b.Bytes) = random.Next(3) == 0 ? (b.Bytes, b.Bytes) : (b.Bytes, a.Bytes);
    }

    /// <summary>Puts a message into a copy of itself, again and again.</summary>
    private static void Nest(WireTree message, Random random)
    {
        for (var depth = random.Next(1, 12); depth > 0 && message.All().Count() < 2000; depth--)
        {
            var inner = message.Clone();
            inner.Number = message.Fields![random.Next(message.Fields.Count)].Number;
            message.Fields.Insert(random.Next(message.Fields.Count + 1), inner);
        }
    }

    private static void Move(WireTree[] messages, WireTree from, int index, Random random)
    {
        var field = from.Fields![index];
        from.Fields.RemoveAt(index);
        var to = messages[random.Next(messages.Length)];
        // Nothing can be moved into itself.
        (field.All().Contains(to) ? from : to).Fields!.Add(field);
    }

    private static WireTree[] Leaves(WireTree[] all) => [.. all.Where(field => field.Wire == 2 && field.Fields is null && field.Bytes.Length < 256)];
}
