namespace Anneal.Onnx.Checks;

/// <summary>The table of rules. Errors break the specification; warnings are legal and worth knowing.</summary>
internal static class CheckRules
{
    private static readonly List<CheckRule> Table = [];

    public static IReadOnlyList<CheckRule> All => Table;

    public static readonly CheckRule NoGraph = Error("no-graph", "A model has a graph to run.");
    public static readonly CheckRule IrVersion = Error("ir-version", $"The IR version is 1 to {Model.NewestIrVersion}.");
    public static readonly CheckRule OperatorSetMissing = Error("operator-set-missing", "Every domain whose operators or functions are called is imported.");
    public static readonly CheckRule OperatorSetTwice = Error("operator-set-twice", "A domain is imported once.");
    public static readonly CheckRule OperatorSetVersion = Error("operator-set-version", "The imported version of ONNX's own operators exists and is not newer than this library's records.");

    public static readonly CheckRule FunctionTwice = Error("function-twice", "Domain, name and overload tell functions apart.");
    public static readonly CheckRule FunctionRecursive = Error("function-recursive", "No function calls itself, not even through others.");
    public static readonly CheckRule FunctionAttribute = Error("function-attribute", "A function's attributes have distinct names.");
    public static readonly CheckRule FunctionAttributeUnused = Warning("function-attribute-unused", "A function's attributes are used in its body.");

    public static readonly CheckRule NameShadowed = Error("name-shadowed", "A name is made once: a subgraph does not make what a graph around it has made before.");
    public static readonly CheckRule NodeNameTwice = Warning("node-name-twice", "Nodes of a graph that have names have distinct ones.");
    public static readonly CheckRule Order = Error("order", "A node stands after the nodes that make its inputs.");
    public static readonly CheckRule Cycle = Error("cycle", "No node waits for itself, not even through others.");
    public static readonly CheckRule InputUndefined = Error("input-undefined", "Something makes every value that a node uses.");
    public static readonly CheckRule OutputUndefined = Error("output-undefined", "Something makes every output of a graph.");
    public static readonly CheckRule InputType = Error("input-type", "Every input of the main graph states its type.");
    public static readonly CheckRule OutputType = Warning("output-type", "Every output of the main graph states its type.");
    public static readonly CheckRule InitializerNoInput = Error("initializer-no-input", "Before IR version 4 every initializer is an input too.");
    public static readonly CheckRule InitializerInput = Warning("initializer-input", "From IR version 4 on, an initializer that is an input too is a default that a caller may replace, and no constant.");
    public static readonly CheckRule InitializerType = Error("initializer-type", "An initializer has the type and shape that is declared for it.");
    public static readonly CheckRule Annotation = Error("annotation", "A quantization annotation names values that exist.");

    public static readonly CheckRule TensorType = Error("tensor-type", "A constant tensor has a known element type.");
    public static readonly CheckRule TensorEmpty = Error("tensor-empty", "A constant tensor holds the elements that its dims promise.");
    public static readonly CheckRule TensorSegment = Error("tensor-segment", "A constant tensor is whole, not one segment of a larger one.");
    public static readonly CheckRule TensorUnread = Warning("tensor-unread", "External data was read with the model.");
    public static readonly CheckRule SparseTensor = Error("sparse-tensor", "A sparse tensor's indices are in range, ascending and as many as its values.");

    public static readonly CheckRule OperatorUnknown = Warning("operator-unknown", "An operator is one that this library knows, or a function of the model.");
    public static readonly CheckRule OperatorUnnamed = Error("operator-unnamed", "A node names its operator.");
    public static readonly CheckRule OperatorTooNew = Error("operator-too-new", "An operator exists in the operator set that is imported.");
    public static readonly CheckRule AttributeTwice = Error("attribute-twice", "A node's attributes have distinct names.");
    public static readonly CheckRule AttributeEmpty = Error("attribute-empty", "An attribute holds the content of its kind.");
    public static readonly CheckRule AttributeReference = Error("attribute-reference", "Only nodes of a function refer to attributes, and only to the function's own.");
    public static readonly CheckRule AttributeMissing = Error("attribute-missing", "A node has the attributes that its operator or function requires.");
    public static readonly CheckRule AttributeUnknown = Error("attribute-unknown", "A node has only attributes of its operator or function.");
    public static readonly CheckRule AttributeType = Error("attribute-type", "An attribute is of the kind that the operator asks for.");
    public static readonly CheckRule InputCount = Error("input-count", "A node has as many inputs as its operator or function takes.");
    public static readonly CheckRule InputMissing = Error("input-missing", "A node leaves out none but optional inputs.");
    public static readonly CheckRule OutputCount = Error("output-count", "A node has no more outputs than its operator or function gives.");
    public static readonly CheckRule Subgraph = Error("subgraph", "Subgraphs have the inputs and outputs that their node gives and takes.");

    public static readonly CheckRule NotInferred = Warning("not-inferred", "Types and shapes could be checked.");
    public static readonly CheckRule Misfit = Error("misfit", "Types and shapes of a node's inputs fit its operator and its attributes.");
    public static readonly CheckRule DeclaredType = Error("declared-type", "A declared type or shape does not contradict what the node gives.");

    public static readonly CheckRule TrainingBinding = Error("training-binding", "A training step binds initializers to outputs of its graphs.");
    public static readonly CheckRule MoreFaults = Warning("more-faults", $"A model has at most {Checker.MostFaults} faults; more are counted.");

    private static CheckRule Error(string name, string demand) => Add(new(name, FaultSeverity.Error, demand));

    private static CheckRule Warning(string name, string demand) => Add(new(name, FaultSeverity.Warning, demand));

    private static CheckRule Add(CheckRule rule)
    {
        Table.Add(rule);
        return rule;
    }
}
