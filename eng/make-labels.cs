// Writes src/Zoo/Catalog/Labels/imagenet-1000.txt: for each class of ImageNet-1k its WordNet id and the words of that synset.
//
//   dotnet run eng/make-labels.cs -- [data.noun]
//
// An id is 'n' and the byte offset of the synset's line in the noun data of WordNet 3.0 (manual page wndb(5WN)), so the class order
// (imagenet-1000.wnids.txt, beside this script) and WordNet itself are all it takes. Debian's package wordnet-base puts the data at
// /usr/share/wordnet/data.noun. WordNet's licence is in THIRD-PARTY-NOTICES.md.

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

var data = args is [var given] ? given : "/usr/share/wordnet/data.noun";
if (args.Length > 1 || !File.Exists(data))
{
    Console.Error.WriteLine($"There is no {data}. Install WordNet 3.0 (Debian: wordnet-base) or name its data.noun: dotnet run eng/make-labels.cs -- PATH");
    return 2;
}
var wordnet = File.ReadAllBytes(data);
if (wordnet.AsSpan(0, Math.Min(wordnet.Length, 4096)).IndexOf("WordNet 3.0 Copyright"u8) < 0)
{
    Console.Error.WriteLine($"{data} does not say in its head that it is WordNet 3.0; the ids are offsets into that version only.");
    return 2;
}

var eng = Here();
var lines = File.ReadLines(Path.Combine(eng, "imagenet-1000.wnids.txt")).Select(id => $"{id} {Words(id)}\n").ToList();
var output = Path.GetFullPath(Path.Combine(eng, "..", "src", "Zoo", "Catalog", "Labels", "imagenet-1000.txt"));
File.WriteAllText(output, string.Concat(lines));
Console.WriteLine($"{output}: {lines.Count} classes");
return 0;

// The words of the synset whose line stands at the id's offset: offset, file number, type, number of words in hexadecimal, then
// each word with its sense number.
string Words(string id)
{
    var offset = int.Parse(id.AsSpan(1), CultureInfo.InvariantCulture);
    if (offset >= wordnet.Length || !wordnet.AsSpan(offset).StartsWith(Encoding.ASCII.GetBytes(id[1..])))
        throw new InvalidDataException($"{data} has no synset at offset {offset}, where {id} should be.");
    var length = wordnet.AsSpan(offset).IndexOf((byte)'\n');
    var fields = Encoding.ASCII.GetString(wordnet, offset, length).Split(' ');
    var count = int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    return string.Join(", ", Enumerable.Range(0, count).Select(word => fields[4 + (2 * word)].Replace('_', ' ')));
}

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
