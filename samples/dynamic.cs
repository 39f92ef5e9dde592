#!/usr/bin/env dotnet
#:project ../src/Training/Training.csproj
#:package Microsoft.ML.OnnxRuntime

// Three networks whose shape depends on their input, written with nothing but for, if and recursion:
//   recurrent   reads brackets, however many there are, and says whether they balance;
//   recursive   follows the tree of a logical expression, and says whether it is true;
//   modular     puts parts together as a question asks, and answers it about a picture.
//
//     dotnet run samples/dynamic.cs

using Anneal.Training;
using Anneal.Training.Nn;
using Anneal.Training.Optim;

// Tensors of a dozen numbers: handing them from core to core would take longer than computing them.
Threads.Count = 1;

var brackets = new BracketReader(width: 16);
Teach("recurrent: do the brackets balance?", brackets, Brackets.Draw, text => brackets.Forward(text), text => Brackets.Balance(text), steps: 150);
foreach (var text in new[] { "()", "(()())", "(()", "())(", "((((()))))", "()()()()()()(" })
    Console.WriteLine($"  {text,-16} {Percent(brackets.Forward(text))} balanced");

var logic = new LogicTree(width: 12);
Teach("recursive: is the expression true?", logic, Expression.Draw, tree => logic.Forward(tree), tree => tree.IsTrue(), steps: 100);
foreach (var tree in new[] { Expression.Parse("&tf"), Expression.Parse("|&tft"), Expression.Parse("&|ft!f"), Expression.Parse("!&|t!t|f&tt") })
    Console.WriteLine($"  {tree,-28} {Percent(logic.Forward(tree))} true");

var answers = new PictureAnswers();
Teach("modular: the answer to a question about a picture", answers, Question.Draw, question => answers.Forward(question), question => question.Answer(), steps: 200, rate: 0.05);
foreach (var question in Enumerable.Range(0, 4).Select(i => Question.Draw(new Draws(99).At(i))))
    Console.WriteLine($"  {question,-56} {Percent(answers.Forward(question))} yes");

// Every example has a network of its own shape, so a batch is a loop; gradients add up in the parameters that they share.
static void Teach<T>(string title, ModuleBase net, Func<Draws, T> draw, Func<T, Tensor> forward, Func<T, bool> truth, int steps, double rate = 0.01)
{
    const int Batch = 16;
    Console.WriteLine($"\n{title}");
    var optimizer = new Adam(net.Parameters(), new() { LearningRate = rate });
    var (sum, right) = (0.0, 0);
    for (var step = 1; step <= steps; step++)
    {
        using var scope = TensorScope.Begin();
        optimizer.ZeroGrad();
        for (var i = 0; i < Batch; i++)
        {
            var example = draw(new Draws(7).At(step).At(i));
            var logit = forward(example);
            var loss = Loss.BinaryCrossEntropyWithLogits(logit, Tensor.Full(logit.Shape, truth(example) ? 1 : 0)) / Batch;
            sum += Batch * loss.Item();
            right += logit.Item() > 0 == truth(example) ? 1 : 0;
            loss.Backward();
        }
        optimizer.Step();
        if (step % 50 != 0)
            continue;
        Console.WriteLine($"  step {step,3}  loss {sum / (50 * Batch):f3}  {right / (50.0 * Batch),6:p1} right");
        (sum, right) = (0, 0);
    }
}

static string Percent(Tensor logit) => $"{logit.Sigmoid().Item(),5:p0}";

// A for loop over the letters; the state goes from one to the next.
internal sealed class BracketReader : ModuleBase
{
    private static readonly Tensor Opening = Tensor.From([1f, 0f], [1, 2]).Keep(), Closing = Tensor.From([0f, 1f], [1, 2]).Keep();

    private readonly GruCell _cell;
    private readonly Linear _verdict;

    public BracketReader(int width)
    {
        _cell = Register("cell", new GruCell(2, width));
        _verdict = Register("verdict", new Linear(width, 1));
    }

    public Tensor Forward(string text)
    {
        Tensor? state = null;
        foreach (var letter in text)
            state = _cell.Forward(letter == '(' ? Opening : Closing, state);
        return _verdict.Forward(state!);
    }
}

internal static class Brackets
{
    public static string Draw(Draws draws)
    {
        // Half of them balance by construction: pairs are put at random places. The others have one bracket turned round.
        var text = "()";
        for (var i = draws.Below(5, 0); i > 0; i--)
            text = text.Insert(draws.Below(text.Length + 1, 10 + i), "()");
        var at = draws.Below(text.Length, 1);
        return draws.Below(2, 2) == 0 ? text : text.Remove(at, 1).Insert(at, text[at] == '(' ? ")" : "(");
    }

    public static bool Balance(string text)
    {
        var depth = 0;
        foreach (var letter in text)
            if ((depth += letter == '(' ? 1 : -1) < 0)
                return false;
        return depth == 0;
    }
}

// Recursion over a tree: a node's vector is made of its children's.
internal sealed class LogicTree : ModuleBase
{
    private readonly Parameter _true, _false;
    private readonly Linear _not, _and, _or, _verdict;

    public LogicTree(int width)
    {
        _true = Register("true", new Parameter(Generator.Default.Normal([1, width])));
        _false = Register("false", new Parameter(Generator.Default.Normal([1, width])));
        _not = Register("not", new Linear(width, width));
        _and = Register("and", new Linear(2 * width, width));
        _or = Register("or", new Linear(2 * width, width));
        _verdict = Register("verdict", new Linear(width, 1));
    }

    public Tensor Forward(Expression tree) => _verdict.Forward(Vector(tree));

    private Tensor Vector(Expression tree) => tree switch
    {
        { Sign: 't' } => _true,
        { Sign: 'f' } => _false,
        { Sign: '!', Left: { } only } => _not.Forward(Vector(only)).Tanh(),
        { Sign: var sign, Left: { } left, Right: { } right } => (sign == '&' ? _and : _or).Forward(Tensor.Concat(1, Vector(left), Vector(right))).Tanh(),
        _ => throw new InvalidOperationException($"'{tree.Sign}' is no sign of an expression."),
    };
}

internal sealed record Expression(char Sign, Expression? Left = null, Expression? Right = null)
{
    public static Expression Draw(Draws draws) => Draw(draws, depth: 3);

    // Signs before their operands: "|&tft" is (t & f) | t.
    public static Expression Parse(string text)
    {
        var at = 0;
        return Next();

        Expression Next() => text[at++] switch
        {
            '!' => new('!', Next()),
            var sign and ('&' or '|') => new(sign, Next(), Next()),
            var leaf => new(leaf),
        };
    }

    public bool IsTrue() => Sign switch
    {
        '!' => !Left!.IsTrue(),
        '&' => Left!.IsTrue() & Right!.IsTrue(),
        '|' => Left!.IsTrue() | Right!.IsTrue(),
        _ => Sign == 't',
    };

    public override string ToString() => Left is null ? $"{Sign}" : Right is null ? $"!{Left}" : $"({Left} {Sign} {Right})";

    private static Expression Draw(Draws draws, int depth) => (depth == 0 ? draws.Below(2) : draws.Below(5)) switch
    {
        0 => new('t'),
        1 => new('f'),
        2 => new('!', Draw(draws.For("left"), depth - 1)),
        var sign => new(sign == 3 ? '&' : '|', Draw(draws.For("left"), depth - 1), Draw(draws.For("right"), depth - 1)),
    };
}

// Parts that are put together for each question, after Andreas et al. 2016, "Neural Module Networks": every word scores all places, two words
// hold where the lesser score is high, "neighbour" looks around, and the verdict is on the best place.
internal sealed class PictureAnswers : ModuleBase
{
    private readonly ModuleList<Conv2d> _words;
    private readonly Conv2d _around;
    private readonly Linear _verdict;

    public PictureAnswers()
    {
        _words = Register("words", new ModuleList<Conv2d>(Question.Words.Select(_ => new Conv2d(Question.Words.Length, 1, 1))));
        _around = Register("around", new Conv2d(1, 1, 3, padding: 1));
        _verdict = Register("verdict", new Linear(1, 1));
    }

    public Tensor Forward(Question question)
    {
        var places = Find(question, question.Things[0]);
        foreach (var thing in question.Things.Skip(1))
            places = Find(question, thing).Min(_around.Forward(places.Sigmoid()));
        return _verdict.Forward(places.Largest(2, 3));
    }

    private Tensor Find(Question question, string[] thing)
    {
        var picture = question.Picture();
        return thing.Select(word => _words[Array.IndexOf(Question.Words, word)].Forward(picture)).Aggregate((a, b) => a.Min(b));
    }
}

// A board of 4 x 4 fields, some with a thing of a colour and a shape, and a question such as "is there a red ball next to a blue box?"
internal sealed record Question(string[][] Fields, string[][] Things)
{
    public const int Side = 4;

    public static readonly string[] Words = ["red", "blue", "ball", "box"];

    public static Question Draw(Draws draws)
    {
        var fields = Enumerable.Range(0, Side * Side).Select(i => draws.Below(3, i) == 0 ? Thing(draws.For("field").At(i)) : []).ToArray();
        var things = Enumerable.Range(0, 1 + draws.Below(2, 50)).Select(i => Thing(draws.For("thing").At(i))).ToArray();
        return new(fields, [.. things.Select((thing, i) => draws.Below(2, 60 + i) == 0 ? thing : [thing[1]])]);
    }

    public bool Answer()
    {
        var places = Places(Things[0]);
        foreach (var thing in Things.Skip(1))
            places = [.. Places(thing).Where(field => places.Any(other => Touch(field, other)))];
        return places.Length > 0;
    }

    // One plane for each word: 1 where it is true of the field.
    public Tensor Picture() => Tensor.From([.. Words.SelectMany(word => Fields.Select(field => field.Contains(word) ? 1f : 0f))], [1, Words.Length, Side, Side]);

    public override string ToString() => $"a {string.Join(" with a neighbour ", Things.Reverse().Select(thing => string.Join(' ', thing)))}? truly {(Answer() ? "yes" : "no")},";

    private int[] Places(string[] thing) => [.. Enumerable.Range(0, Fields.Length).Where(field => thing.All(Fields[field].Contains))];

    private static bool Touch(int a, int b) => a != b && Math.Abs((a / Side) - (b / Side)) <= 1 && Math.Abs((a % Side) - (b % Side)) <= 1;

    private static string[] Thing(Draws draws) => [Words[draws.Below(2, 0)], Words[2 + draws.Below(2, 1)]];
}
