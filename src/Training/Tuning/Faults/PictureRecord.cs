namespace Anneal.Training.Tuning;

/// <summary>What one look at a picture has found.</summary>
/// <param name="Index">Its number in the dataset.</param>
/// <param name="Name">What errors call it: its path, or its place in a file.</param>
/// <param name="Label">Its class; null where that is known of read pictures only, and this one could not be read.</param>
/// <param name="Sha256">
/// The SHA-256 of the file's bytes, or of the pixels where the picture is no file of its own, as 64 digits; null where it could not be read.
/// </param>
/// <param name="Trouble">Why the picture cannot be used, as a sentence; null for a good one.</param>
public sealed record PictureRecord(int Index, string Name, int? Label, string? Sha256, string? Trouble);
