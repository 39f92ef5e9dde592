using System.CommandLine;
using Anneal.Cli.Checkup;
using Anneal.Zoo;
using Spectre.Console;

namespace Anneal.Cli.Commands;

/// <summary><c>anneal doctor</c>: what works on this machine, what is missing, and how to get it.</summary>
internal sealed class DoctorCommand(Screen screen)
{
    public static Command Create(Screen screen)
    {
        var json = ModelsCommand.Json("One JSON object a line for each check.");
        var command = new Command("doctor", "Check that models can run on this machine, and say what is missing.") { json };
        command.SetAction(parsed => new DoctorCommand(screen).Run(parsed.GetValue(json)));
        return command;
    }

    private int Run(bool asJson)
    {
        var isWell = true;
        foreach (var finding in Findings())
        {
            Write(finding, asJson);
            isWell &= !finding.IsVital;
        }
        if (!asJson)
            screen.Line(isWell ? "Models run on the CPU of this machine." : "Models cannot run on this machine until the problems above are solved.");
        return isWell ? ExitCode.Ok : ExitCode.SomeFailed;
    }

    private static IEnumerable<Finding> Findings() =>
    [
        .. MachineCheck.Run(),
        .. EngineChoice.Engines.SelectMany(EngineCheck.Run),
        .. DriverCheck.Run(),
        CodecCheck.Run(),
        .. ModelsFolderCheck.Run(new ModelCache()),
        .. NetworkCheck.Run(),
    ];

    private void Write(Finding finding, bool asJson)
    {
        if (asJson)
            screen.Line(JsonText.Object(json =>
            {
                json.WriteString("verdict", Word(finding.Verdict));
                json.WriteString("subject", finding.Subject);
                json.WriteString("text", finding.Text);
            }));
        else if (screen.IsRich)
            screen.Rich.MarkupLineInterpolated($"[{Color(finding.Verdict)}]{Word(finding.Verdict),-8}[/] {Line(finding)}");
        else
            screen.Line($"{Word(finding.Verdict),-8} {Line(finding)}");
    }

    private static string Line(Finding finding) => $"{finding.Subject,-21} {Screen.Printable(finding.Text)}";

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Absent => "--",
        _ => "problem",
    };

    private static string Color(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "green",
        Verdict.Absent => "grey",
        _ => "red",
    };
}
