using Anneal.Onnx.Ops;

namespace Anneal.Onnx.Checks;

/// <summary>A node by itself: its operator, its attributes, how many inputs and outputs it has.</summary>
internal static class NodeCheck
{
    public static void Run(Node node, CheckScope scope)
    {
        CheckAttributes(node, scope);
        if (node.OpType.Length == 0)
            scope.Report.Add(CheckRules.OperatorUnnamed, scope.Where(node), "It names no operator.");
        else if (scope.Version(node.Domain) is not { } version)
            scope.Report.Add(CheckRules.OperatorSetMissing, scope.Where(node), $"Its domain '{FaultReport.Clip(OperatorSets.Normalise(node.Domain))}' is not imported.");
        else if (scope.Functions.TryGetValue(FunctionKey.Of(node), out var function))
            CheckCall(node, function, scope);
        else if (OpTable.Find(node.Domain, node.OpType) is not { } entry)
            scope.Report.Add(CheckRules.OperatorUnknown, scope.Where(node), $"The operator {FaultReport.Clip(node.OpType)} of '{FaultReport.Clip(OperatorSets.Normalise(node.Domain))}' is not known here; it was not checked.");
        else if (version < entry.Since[0])
            scope.Report.Add(CheckRules.OperatorTooNew, scope.Where(node), $"{entry.Name} exists since version {entry.Since[0]}; version {version} is imported.");
        else
            CheckOperator(node, entry, version, scope);
    }

    private static void CheckAttributes(Node node, CheckScope scope)
    {
        var names = new HashSet<string>();
        foreach (var attribute in node.Attributes)
        {
            if (!names.Add(attribute.Name))
                scope.Report.Add(CheckRules.AttributeTwice, scope.Where(node), $"It has the attribute '{FaultReport.Clip(attribute.Name)}' twice.");
            if (attribute.ReferenceTo.Length > 0)
                CheckReference(node, attribute, scope);
            else
                CheckContent(node, attribute, scope);
        }
    }

    private static void CheckReference(Node node, NodeAttribute attribute, CheckScope scope)
    {
        scope.Referenced.Add(attribute.ReferenceTo);
        if (scope.Function is null)
            scope.Report.Add(CheckRules.AttributeReference, scope.Where(node), $"Its attribute '{FaultReport.Clip(attribute.Name)}' refers to an attribute of a function, and it is in none.");
        else if (!scope.FunctionAttributes.Contains(attribute.ReferenceTo))
            scope.Report.Add(CheckRules.AttributeReference, scope.Where(node), $"Its attribute '{FaultReport.Clip(attribute.Name)}' refers to '{FaultReport.Clip(attribute.ReferenceTo)}', which the function does not have.");
    }

    private static void CheckContent(Node node, NodeAttribute attribute, CheckScope scope)
    {
        var where = $"attribute '{FaultReport.Clip(attribute.Name)}' of {scope.Where(node)}";
        switch (attribute.Content)
        {
            case null: scope.Report.Add(CheckRules.AttributeEmpty, where, $"It is said to hold {attribute.Kind} and holds nothing."); break;
            case TensorData tensor: TensorCheck.Run(tensor, where, scope.Report); break;
            case SparseTensor tensor: TensorCheck.Run(tensor, where, scope.Report); break;
            case TensorData[] tensors: Array.ForEach(tensors, tensor => TensorCheck.Run(tensor, where, scope.Report)); break;
            case SparseTensor[] tensors: Array.ForEach(tensors, tensor => TensorCheck.Run(tensor, where, scope.Report)); break;
            default: break;
        }
    }

    private static void CheckCall(Node node, Function function, CheckScope scope)
    {
        if (node.Inputs.Count > function.Body.Inputs.Count)
            scope.Report.Add(CheckRules.InputCount, scope.Where(node), $"It has {node.Inputs.Count} inputs; the function takes {function.Body.Inputs.Count}.");
        if (node.Outputs.Count > function.Body.Outputs.Count)
            scope.Report.Add(CheckRules.OutputCount, scope.Where(node), $"It has {node.Outputs.Count} outputs; the function gives {function.Body.Outputs.Count}.");
        var given = node.Attributes.Select(attribute => attribute.Name).ToHashSet();
        foreach (var required in function.Attributes)
            if (!given.Contains(required))
                scope.Report.Add(CheckRules.AttributeMissing, scope.Where(node), $"It lacks the attribute '{FaultReport.Clip(required)}', which the function requires.");
        foreach (var unknown in given.Except(function.Attributes).Except(function.AttributeDefaults.Select(attribute => attribute.Name)))
            scope.Report.Add(CheckRules.AttributeUnknown, scope.Where(node), $"The function has no attribute '{FaultReport.Clip(unknown)}'.");
    }

    /// <summary>An operator in an older version has other attributes and counts than its record; <see cref="InferenceCheck"/> looks at an upgraded copy.</summary>
    private static void CheckOperator(Node node, OpEntry entry, long version, CheckScope scope)
    {
        CheckSubgraphs(node, entry, version, scope);
        if (!CheckScope.IsCurrent(entry, version))
            return;
        var (inputs, outputs) = (node.Inputs.Count, node.Outputs.Count);
        if (inputs < entry.MinInputs || inputs > entry.MaxInputs)
            scope.Report.Add(CheckRules.InputCount, scope.Where(node), $"It has {inputs} inputs; {entry.Name} takes {entry.InputRange}.");
        if (outputs > entry.MaxOutputs)
            scope.Report.Add(CheckRules.OutputCount, scope.Where(node), $"It has {outputs} outputs; {entry.Name} gives {entry.OutputRange}.");
        // A Loop may leave out both its limit and its condition, though they stand before the values that it needs.
        for (var i = 0; i < Math.Min(inputs, entry.MinInputs) && entry.Blank is not Loop; i++)
            if (node.Inputs[i] is null)
                scope.Report.Add(CheckRules.InputMissing, scope.Where(node), $"It leaves out input {i}, which {entry.Name} needs.");
        var attributes = new AttributeCheck(node, entry.Name, scope);
        entry.Blank.Show(attributes);
        attributes.ReportUnknown();
    }

    private static void CheckSubgraphs(Node node, OpEntry entry, long version, CheckScope scope)
    {
        var (inputs, outputs) = entry.Blank switch
        {
            If => (0, node.Outputs.Count),
            Loop => (node.Inputs.Count, node.Outputs.Count + 1),
            // Before version 9 a Scan took the lengths of its sequences as one input more.
            Scan when version >= 9 => (node.Inputs.Count, node.Outputs.Count),
            _ => (-1, -1),
        };
        foreach (var subgraph in inputs < 0 ? [] : node.Subgraphs)
            if (subgraph.Inputs.Count != inputs || subgraph.Outputs.Count != outputs)
                scope.Report.Add(CheckRules.Subgraph, scope.Where(node), $"Its subgraph '{FaultReport.Clip(subgraph.Name)}' has {subgraph.Inputs.Count} inputs and {subgraph.Outputs.Count} outputs; expected {inputs} and {outputs}.");
    }
}
