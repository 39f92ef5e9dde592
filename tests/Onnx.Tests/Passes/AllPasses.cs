using System.Reflection;
using Anneal.Onnx.Passes;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>Every pass of the library, found by itself so that a new one is covered the day it is written; one that can be told what for, once for each answer.</summary>
internal static class AllPasses
{
    public static IReadOnlyList<IPass> Make() =>
    [
        .. typeof(IPass).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false, IsPublic: true } && type.IsAssignableTo(typeof(IPass)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .SelectMany(Make),
    ];

    private static IEnumerable<IPass> Make(Type type)
    {
        // What is newer than ONNX Runtime cannot be compared in it.
        if (type == typeof(UpgradeOpset))
            return [new UpgradeOpset(UpgradeVectors.NewestOrtVersion)];
        var constructor = type.GetConstructors().MinBy(candidate => candidate.GetParameters().Length)!;
        return Answers(constructor.GetParameters()).Select(answers => (IPass)constructor.Invoke(answers));
    }

    private static IEnumerable<object?[]> Answers(ParameterInfo[] parameters) => parameters.Aggregate<ParameterInfo, IEnumerable<object?[]>>([[]],
        (rows, parameter) => rows.SelectMany(row => Answers(parameter).Select(answer => (object?[])[.. row, answer])));

    private static IEnumerable<object?> Answers(ParameterInfo parameter) => parameter.ParameterType.IsEnum
        ? Enum.GetValues(parameter.ParameterType).Cast<object?>()
        : [parameter.HasDefaultValue ? parameter.DefaultValue : throw new NotSupportedException($"{parameter.Member.DeclaringType!.Name} needs a {parameter.Name}; say which in {nameof(AllPasses)}.")];
}
