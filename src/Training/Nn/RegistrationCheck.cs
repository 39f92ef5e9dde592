using Anneal.Onnx;

namespace Anneal.Training.Nn;

/// <summary>
/// Looks through the tape for parameters that a module has used and does not know: they would be neither trained nor saved, and nothing else
/// would say so.
/// </summary>
internal static class RegistrationCheck
{
    /// <summary>Checks what was recorded after an entry's number.</summary>
    /// <exception cref="AnnealException">A parameter that is to be trained is none of the module's.</exception>
    public static void Run(ModuleBase module, Tensor y, long after)
    {
        var known = module.Parameters().ToHashSet();
        var met = new HashSet<TapeEntry>();
        var waiting = new Stack<TapeEntry>();
        Visit(y.Entry);
        while (waiting.TryPop(out var entry))
            foreach (var input in entry.Inputs)
            {
                if (input is Parameter { RequiresGrad: true } parameter && !known.Contains(parameter))
                    throw new AnnealException(
                        $"{module.Title} uses the parameter {parameter.Title} and does not hold it, so that it would be neither trained nor saved. " +
                        $"Register it, or the module that it belongs to, in the constructor: _fc = Register(\"fc\", new Linear(…)).");
                Visit(input?.Entry);
            }

        void Visit(TapeEntry? entry)
        {
            if (entry is not null && entry.Order > after && met.Add(entry))
                waiting.Push(entry);
        }
    }
}
