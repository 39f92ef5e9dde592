namespace Anneal.Onnx;

/// <summary>How much a fault matters.</summary>
public enum FaultSeverity
{
    /// <summary>The model may well run; something in it is odd, or could not be checked.</summary>
    Warning,

    /// <summary>The model breaks a rule of ONNX: what it computes is not defined.</summary>
    Error,
}

/// <summary>A rule that models are checked against.</summary>
/// <param name="Name">The rule's name: lower case, words joined by hyphens.</param>
/// <param name="Severity">How much it matters when the rule is broken.</param>
/// <param name="Demand">What the rule asks for, in one sentence.</param>
public sealed record CheckRule(string Name, FaultSeverity Severity, string Demand);

/// <summary>A place where a model breaks a rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Where">The node, value, function or graph; operator and name of a node.</param>
/// <param name="Message">What is wrong there, in full sentences.</param>
public sealed record Fault(CheckRule Rule, string Where, string Message)
{
    /// <summary>How much it matters: that of the rule.</summary>
    public FaultSeverity Severity => Rule.Severity;

    /// <summary><c>Error attribute-missing at Conv 'conv1': …</c></summary>
    public override string ToString() => $"{Severity} {Rule.Name} at {Where}: {Message}";
}
