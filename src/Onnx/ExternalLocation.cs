namespace Anneal.Onnx;

/// <summary>Where a tensor's bytes lie outside the model's file, as the model states it.</summary>
/// <param name="Location">The file, relative to the model's folder.</param>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">The number of bytes, or null for "to the end of the file".</param>
/// <param name="Checksum">The SHA-1 of the whole file as stated, or null.</param>
public sealed record ExternalLocation(string Location, long Offset = 0, long? Length = null, string? Checksum = null);
