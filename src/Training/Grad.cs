namespace Anneal.Training;

/// <summary>Whether operators are recorded for a backward pass.</summary>
public static class Grad
{
    private static readonly AsyncLocal<bool> IsOff = new();

    /// <summary>Whether operators are recorded here.</summary>
    public static bool IsOn => !IsOff.Value;

    /// <summary>
    /// Records nothing until the result is disposed, on this thread and in the asynchronous calls made from here, and owns the tensors that are
    /// made meanwhile: <c>using var evaluation = Grad.Off();</c>.
    /// </summary>
    public static IDisposable Off() => new Switch();

    /// <summary>Records nothing while a function runs, whose result outlives it.</summary>
    internal static Silence Silently()
    {
        var before = IsOff.Value;
        IsOff.Value = true;
        return new(before);
    }

    /// <summary>Ends <see cref="Silently"/>.</summary>
    internal readonly struct Silence(bool before) : IDisposable
    {
        public void Dispose() => IsOff.Value = before;
    }

    private sealed class Switch : IDisposable
    {
        private readonly bool _before = IsOff.Value;
        private readonly TensorScope _scope = TensorScope.Begin();

        public Switch() => IsOff.Value = true;

        public void Dispose()
        {
            _scope.Dispose();
            IsOff.Value = _before;
        }
    }
}
