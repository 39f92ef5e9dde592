using System.Security.Cryptography;
using System.Text;
using Anneal.Onnx;

namespace Anneal.Training.Tuning;

/// <summary>SHA-256 in lower case.</summary>
internal static class Digests
{
    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>That of the file which the model would be.</summary>
    public static string OfModel(Model model) => Convert.ToHexStringLower(SHA256.HashData(OnnxFile.ToBytes(model)));
}
