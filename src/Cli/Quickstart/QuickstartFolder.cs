using Anneal.Cli.Handwriting;
using Anneal.Onnx;
using Anneal.Training;

namespace Anneal.Cli.Quickstart;

/// <summary>Where the quickstart writes: a new or empty folder, so that nothing is ever written over.</summary>
internal sealed class QuickstartFolder
{
    private const int PicturesPerLetter = 80;

    private readonly string _root;
    private readonly Draws _draws;

    private QuickstartFolder(string root, ulong seed) => (_root, _draws) = (root, new(seed));

    /// <summary>The folder itself.</summary>
    public string Root => _root;

    /// <summary>A folder of pictures for each letter, as <c>finetune</c> takes them.</summary>
    public string Letters => Path.Combine(_root, "letters");

    /// <summary>What the fine-tuning keeps while it works.</summary>
    public string Features => Path.Combine(_root, "features");

    /// <summary>The network that is made.</summary>
    public string Network => Path.Combine(_root, "letters.onnx");

    /// <summary>Opens the folder that a person names, or a temporary one.</summary>
    /// <param name="named">The folder; null for a temporary one.</param>
    /// <param name="seed">Whose handwriting it is.</param>
    /// <exception cref="AnnealException">There is something in it.</exception>
    public static QuickstartFolder Open(string? named, ulong seed)
    {
        if (named is null)
            return new(Directory.CreateTempSubdirectory("anneal-quickstart-").FullName, seed);
        var root = Path.GetFullPath(named);
        if (File.Exists(root) || (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any()))
            throw new AnnealException($"{root} is not empty, and nothing is written over. Name a folder that is new or empty, or none for a temporary one.");
        return new(Directory.CreateDirectory(root).FullName, seed);
    }

    /// <summary>Writes a picture of each digit.</summary>
    public IReadOnlyList<Character> WriteDigits()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, "digits")).FullName;
        var draws = _draws.For("digits");
        return [.. Digits.Names.Select((name, digit) => Character.Save(name, Scribe.Write(Digits.Ways[digit], draws.At(digit)), Path.Combine(folder, $"{name}.png")))];
    }

    /// <summary>Writes the pictures to learn letters from, <see cref="PicturesPerLetter"/> of each.</summary>
    /// <returns>How many there are.</returns>
    public int WriteLetters(CancellationToken cancellation)
    {
        foreach (var (name, ways) in Handwriting.Letters.All)
        {
            cancellation.ThrowIfCancellationRequested();
            var folder = Directory.CreateDirectory(Path.Combine(Letters, name)).FullName;
            var draws = _draws.For(name);
            for (var i = 0; i < PicturesPerLetter; i++)
                Character.Save(name, Scribe.Write(ways, draws.At(i)), Path.Combine(folder, $"{i + 1:00}.png"));
        }
        return PicturesPerLetter * Handwriting.Letters.All.Count;
    }

    /// <summary>Writes a picture of each letter that nothing was learned from.</summary>
    public IReadOnlyList<Character> WriteNewLetters()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, "new-letters")).FullName;
        var draws = _draws.For("new letters");
        return [.. Handwriting.Letters.All.Select((letter, i) => Character.Save(letter.Name, Scribe.Write(letter.Ways, draws.At(i)), Path.Combine(folder, $"{letter.Name}.png")))];
    }
}
