using Anneal.Cli.Handwriting;
using Anneal.Zoo;

namespace Anneal.Cli.Quickstart;

/// <summary>A character that was written as a picture, and what a network says of it.</summary>
/// <param name="Name">The character.</param>
/// <param name="File">The picture.</param>
/// <param name="Pixels">Its 28 rows of 28 pixels.</param>
internal sealed record Character(string Name, string File, byte[] Pixels)
{
    /// <summary>What the network takes it for; null while it was not asked.</summary>
    public Prediction? Answer { get; init; }

    /// <summary>Whether the network is right.</summary>
    public bool IsRight => Answer?.Label == Name;

    /// <summary>Writes the picture into its folder as a PNG file.</summary>
    public static Character Save(string name, byte[] pixels, string file)
    {
        using var stream = new FileStream(file, FileMode.CreateNew);
        stream.Write(GrayPng.Encode(pixels, Ink.Size));
        return new(name, file, pixels);
    }
}
