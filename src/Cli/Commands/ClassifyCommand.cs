using System.CommandLine;
using Anneal.Zoo;

namespace Anneal.Cli.Commands;

/// <summary>
/// <c>anneal classify</c>: pictures in, labels out, in order and as they come. Results go to standard output and all else to standard
/// error; programs rely on the JSON lines and the exit codes.
/// </summary>
internal sealed class ClassifyCommand
{
    private readonly Argument<string[]> _inputs = new("inputs")
    {
        Description = "Pictures, folders (all files in them, recursively), globs in quotes (*, ?, [..], **), and MNIST idx files.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _model = new("--model", "-m")
    {
        Description = "A name of 'anneal models list', an .onnx file, or an address.",
        HelpName = "NAME|FILE.onnx",
        Required = true,
    };

    private readonly Option<int> _top = new("--top", "-k")
    {
        Description = "How many classes are named for each picture.",
        HelpName = "K",
        DefaultValueFactory = _ => 5,
    };

    private readonly Option<int> _batch = new("--batch")
    {
        Description = "Pictures that go through the model at once; 0 chooses.",
        HelpName = "N",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "One JSON object a line for each input, in order.",
    };

    private readonly Screen _screen;

    private ClassifyCommand(Screen screen)
    {
        _screen = screen;
        Ranges.Require(_top, 1, int.MaxValue);
        Ranges.Require(_batch, 0, 4096);
    }

    public static Command Create(Screen screen)
    {
        var classify = new ClassifyCommand(screen);
        var command = new Command("classify", "Name what is on photos.") { classify._inputs, classify._model, classify._top };
        var engine = EngineArguments.AddTo(command);
        command.Options.Add(classify._batch);
        var zoo = ZooArguments.AddTo(command);
        command.Options.Add(classify._json);
        command.SetAction((parsed, cancellation) => classify.RunAsync(parsed, zoo, engine, cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, ZooArguments zooArguments, EngineArguments engineArguments, CancellationToken cancellation)
    {
        var model = parsed.GetRequiredValue(_model);
        var zoo = zooArguments.Open(parsed, _screen);
        using var classifier = await engineArguments.LoadAsync(parsed, zoo, model, cancellation).ConfigureAwait(false);
        foreach (var notice in classifier.Session.Notices)
            _screen.Notice(notice);

        var list = InputList.Expand(parsed.GetRequiredValue(_inputs));
        foreach (var notice in list.Notices)
            _screen.Notice(notice);
        var options = new ClassifyOptions { Top = parsed.GetValue(_top), Batch = parsed.GetValue(_batch) };
        return await AnswerAsync(classifier, list.Inputs, options, Writer(parsed, model, classifier), cancellation).ConfigureAwait(false);
    }

    private IAnswerWriter Writer(ParseResult parsed, string model, Classifier classifier)
    {
        if (parsed.GetValue(_json))
            return new JsonLines(_screen, model, classifier.Session.Engine, classifier.Session.Device.ToString());
        return _screen.IsRich ? new AnswerBars(_screen) : new PlainLines(_screen);
    }

    /// <summary>Inputs that stand for no file keep their place among the answers of those that do.</summary>
    private async Task<int> AnswerAsync(
        Classifier classifier, IReadOnlyList<Input> inputs, ClassifyOptions options, IAnswerWriter writer, CancellationToken cancellation)
    {
        var failed = 0;
        var files = inputs.Where(input => input.Error is null).Select(input => input.File);
        await using var answers = classifier.ClassifyAsync(files, options, cancellation).GetAsyncEnumerator(cancellation);
        foreach (var input in inputs)
        {
            var answer = input.Error is { } error ? new Answer(input.File, [], error) : await NextAsync(answers).ConfigureAwait(false);
            writer.Write(answer);
            failed += answer.Error is null ? 0 : 1;
        }
        return failed == 0 ? ExitCode.Ok : ExitCode.SomeFailed;
    }

    private async Task<Answer> NextAsync(IAsyncEnumerator<Classification> answers)
    {
        if (!await answers.MoveNextAsync().ConfigureAwait(false))
            throw new InvalidOperationException("The classifier gave fewer answers than it was given files.");
        var classification = answers.Current;
        foreach (var warning in classification.Warnings)
            _screen.Notice(warning);
        return new(classification.File, classification.Predictions, classification.Error);
    }
}
