namespace Anneal.Onnx.Wire;

/// <summary>What decoding needs to know beside the messages.</summary>
/// <param name="External">Reads data outside the file.</param>
internal sealed record DecodeContext(ExternalDataReader External);
