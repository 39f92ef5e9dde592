namespace Anneal.Onnx.Checks;

/// <summary>What a graph says of its constants: initializers against their declarations, and annotations.</summary>
internal static class ConstantCheck
{
    public static void Run(Graph graph, CheckScope scope)
    {
        foreach (var value in graph.Initializers)
        {
            TensorCheck.Run(value.Initializer!, $"initializer {scope.Where(value)}", scope.Report);
            CheckDeclaration(value, value.Initializer!.Type, scope);
        }
        foreach (var value in graph.SparseInitializers)
            TensorCheck.Run(value.SparseInitializer!, $"sparse initializer {scope.Where(value)}", scope.Report);
        foreach (var value in graph.Initializers.Concat(graph.SparseInitializers))
            CheckInput(value, scope);
        foreach (var annotation in graph.QuantizationAnnotations)
            CheckAnnotation(graph, annotation, scope);
    }

    private static void CheckInput(Value value, CheckScope scope)
    {
        if (scope.Model.IrVersion >= 4 && value.IsInput)
            scope.Report.Add(CheckRules.InitializerInput, $"initializer {scope.Where(value)}", "It is an input too, so a caller may replace it and nothing can be folded into it.");
        else if (scope.Model.IrVersion < 4 && !value.IsInput && value.Graph?.Owner is null)
            scope.Report.Add(CheckRules.InitializerNoInput, $"initializer {scope.Where(value)}", $"It is no input, which IR version {scope.Model.IrVersion} asks of every initializer.");
    }

    private static void CheckDeclaration(Value value, TensorType held, CheckScope scope)
    {
        if (value.StatedType is { } stated && TypeFit.Contradiction(stated, held) is { } contradiction)
            scope.Report.Add(CheckRules.InitializerType, $"initializer {scope.Where(value)}", contradiction);
    }

    private static void CheckAnnotation(Graph graph, QuantizationAnnotation annotation, CheckScope scope)
    {
        foreach (var name in annotation.Parameters.Select(parameter => parameter.Value).Prepend(annotation.TensorName))
            if (graph.FindVisible(name) is null or { IsUndefined: true })
                scope.Report.Add(CheckRules.Annotation, scope.Where(graph), $"The annotation of '{FaultReport.Clip(annotation.TensorName)}' names '{FaultReport.Clip(name)}', and there is no such value.");
    }
}
