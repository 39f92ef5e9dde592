namespace Anneal.Bench.Torch;

/// <summary>What was asked of <see cref="CompareTorch"/>.</summary>
/// <param name="Peer">The program that runs libtorch.</param>
/// <param name="IsQuick">Whether fewer pairs will do.</param>
/// <param name="Only">A part to be measured alone: gemm, conv, train, frozen or a net; null means all.</param>
/// <param name="Out">The path of the results without extension.</param>
internal sealed record CompareOptions(string Peer, bool IsQuick, string? Only, string Out)
{
    /// <summary>How many pairs short work gets.</summary>
    public int ShortPairs => IsQuick ? 5 : 15;

    /// <summary>How many pairs long work gets.</summary>
    public int LongPairs => IsQuick ? 3 : 5;

    public static CompareOptions Parse(string[] args)
    {
        var peer = ValueOf(args, "--peer") ?? Environment.GetEnvironmentVariable(TorchPeer.Variable)
            ?? throw new ArgumentException($"compare-torch needs the peer's program: --peer PATH or ${TorchPeer.Variable}.");
        var named = FormattableString.Invariant($"{DateTime.UtcNow:yyyy-MM-dd}-compare-torch");
        return new(peer, args.Contains("--quick"), ValueOf(args, "--only"), ValueOf(args, "--out") ?? Path.Combine("bench", "results", named));
    }

    public bool Wants(string part) => Only is null || Only == part || (part == "train" && Only is not ("gemm" or "conv" or "frozen"));

    public bool WantsNet(string net) => Only is null or "train" || Only == net;

    private static string? ValueOf(string[] args, string name) => Array.IndexOf(args, name) is var at && at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
