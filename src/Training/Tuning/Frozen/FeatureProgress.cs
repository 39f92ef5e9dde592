namespace Anneal.Training.Tuning;

/// <summary>Where the making of a <see cref="FeatureTable"/> stands.</summary>
/// <param name="Done">Different pictures whose features are there.</param>
/// <param name="Total">Different pictures in all.</param>
/// <param name="Cached">How many of them were there before.</param>
/// <param name="BytesToWrite">What the features that were missing at the beginning take on the disk.</param>
/// <param name="Decoding">Time spent on reading and preparing pictures, of all threads together.</param>
/// <param name="Computing">Time spent in the model, of all threads together.</param>
public sealed record FeatureProgress(int Done, int Total, int Cached, long BytesToWrite, TimeSpan Decoding, TimeSpan Computing);
