namespace Anneal.Cli.Inspection;

/// <summary>Something that whoever uses or trains a model should know.</summary>
/// <param name="Kind">What it is about, for programs: lower case, words joined by hyphens.</param>
/// <param name="Text">A sentence for people.</param>
internal sealed record Warning(string Kind, string Text);
