namespace Anneal.Onnx.Passes;

/// <summary>
/// To which channel an element of a weight belongs. Row-major weights fall into groups of channels, and within a group the channels take turns,
/// so many neighbouring elements each.
/// </summary>
/// <param name="GroupSize">How many elements a group has.</param>
/// <param name="PerGroup">How many channels a group has.</param>
/// <param name="Inner">How many neighbouring elements belong to one channel.</param>
internal readonly record struct ChannelIndex(long GroupSize, long PerGroup, long Inner)
{
    /// <summary>The channel, counted through all groups.</summary>
    public int this[long element] => (int)((element / GroupSize * PerGroup) + (element / Inner % PerGroup));

    /// <summary>How many channels a weight of so many elements has.</summary>
    public long Channels(long elements) => elements / GroupSize * PerGroup;
}
