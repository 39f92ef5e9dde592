namespace Anneal.Onnx.Checks;

/// <summary>Gathers faults. A hostile file's names can be as long as the file, so what is quoted is cut.</summary>
internal sealed class FaultReport
{
    private const int MostQuoted = 200;
    private const int MostSaid = 1000;

    private readonly List<Fault> _faults = [];
    private long _more;

    public IReadOnlyList<Fault> Faults => _more == 0
        ? _faults
        : [.. _faults, new(CheckRules.MoreFaults, "the model", $"There are {_more} more faults, which are not listed.")];

    /// <summary>Whether an error was found already.</summary>
    public bool HasErrors => _faults.Exists(fault => fault.Severity == FaultSeverity.Error);

    public void Add(CheckRule rule, string where, string message)
    {
        if (_faults.Count < Checker.MostFaults)
            _faults.Add(new(rule, Clip(where), Clip(message, MostSaid)));
        else
            _more++;
    }

    public static string Clip(string text, int most = MostQuoted) => text.Length <= most ? text : string.Concat(text.AsSpan(0, most), " …");
}
