using System.Security.Cryptography;
using System.Text;
using Anneal.Onnx;

namespace Anneal.Training.Checkpoints;

/// <summary>
/// Tensors and texts that a training goes on from, in one safetensors file that Python reads too. The file says by its own digest whether it is
/// whole: <c>__metadata__["anneal.sha256"]</c> is the SHA-256 of all of the file with zeros in the place of these 64 digits. Loading executes nothing.
/// </summary>
/// <param name="Tensors">The tensors by name.</param>
/// <param name="Metadata">Texts by name, without the digest.</param>
public sealed record Checkpoint(IReadOnlyDictionary<string, TensorData> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The name of the digest among the texts of a file.</summary>
    public const string DigestName = "anneal.sha256";

    private static readonly string NoDigest = new('0', 2 * SHA256.HashSizeInBytes);

    // Quotes within a name or a text are escaped, so that this stands in a header where the digest is, and nowhere else.
    private static readonly byte[] BeforeDigest = Encoding.ASCII.GetBytes($"\"{DigestName}\":\"");

    /// <summary>Saves the checkpoint with its digest, all of it or nothing: on the disk when this returns.</summary>
    /// <exception cref="AnnealException">The file cannot be written, a tensor has a type that the format lacks, or a text takes the digest's name.</exception>
    public void Save(string path)
    {
        if (Metadata.ContainsKey(DigestName))
            throw new AnnealException($"The text '{DigestName}' is the checkpoint's own digest, which is found when it is saved. Take it out.");
        var content = new SafeTensorsContent(Tensors, new Dictionary<string, string>(Metadata) { [DigestName] = NoDigest });
        Encoding.ASCII.GetBytes(DigestOf(content.Head, content.Elements), DigestIn(content.Head));
        content.Save(path);
    }

    /// <summary>Loads a checkpoint and checks its digest.</summary>
    /// <exception cref="InvalidCheckpointException">The file is damaged, or no checkpoint.</exception>
    /// <exception cref="AnnealException">There is no such file, or it cannot be read.</exception>
    public static Checkpoint Load(string path)
    {
        var parts = SafeTensorsReader.Load(path);
        if (!parts.Metadata.Remove(DigestName, out var said) || said.Length != NoDigest.Length)
            throw new InvalidCheckpointException($"{path} is a safetensors file but no checkpoint: it has no digest under '{DigestName}'. Use {nameof(SafeTensors)} to read it.");
        Encoding.ASCII.GetBytes(NoDigest, DigestIn(parts.Head));
        var found = DigestOf(parts.Head, parts.Tensors.Values.Select(tensor => tensor.Bytes));
        return found == said
            ? new(parts.Tensors, parts.Metadata)
            : throw new InvalidCheckpointException($"{path} is damaged: its SHA-256 is {found}, and it says {said}.");
    }

    private static string DigestOf(byte[] head, IEnumerable<ReadOnlyMemory<byte>> elements)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        foreach (var bytes in elements)
            hash.AppendData(bytes.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Span<byte> DigestIn(byte[] head) => head.AsSpan(head.AsSpan().IndexOf(BeforeDigest) + BeforeDigest.Length, NoDigest.Length);
}
