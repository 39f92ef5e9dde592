#!/usr/bin/env dotnet
#:project ../src/Training/Training.csproj
#:package Microsoft.ML.OnnxRuntime

// A function and a module of one's own. The function is Snake (Ziyin, Hartwig and Ueda 2020): x + sin²(x), whose gradient is written beside
// it and checked against differences. The module uses it to tell two spirals apart, and what it has learned is drawn.
//
//     dotnet run samples/custom.cs

using Anneal.Training;
using Anneal.Training.Nn;
using Anneal.Training.Optim;

const int Points = 400, Steps = 200;

// A network this small is through before a second core has begun.
Threads.Count = 1;

// d/dx (x + sin²x) = 1 + 2 sin x cos x = 1 + sin 2x
var snake = Function.Of("Snake", x => x + x.Sin().Pow(2), (x, y, dy) => dy * (1 + (2 * x).Sin()));
CheckGradient(snake);

var random = new Draws(1);
var places = new float[2 * Points];
var sides = new float[Points];
for (var i = 0; i < Points; i++)
{
    var (arm, turn) = (i % 2, 0.5 + (5.5 * i / Points));
    var (sin, cos) = Math.SinCos(turn + (arm * Math.PI));
    places[2 * i] = (float)((turn / 6 * cos) + (0.02 * random.Normal(2 * i)));
    places[(2 * i) + 1] = (float)((turn / 6 * sin) + (0.02 * random.Normal((2 * i) + 1)));
    sides[i] = arm;
}
var x = Tensor.From(places, [Points, 2]);
var target = Tensor.From(sides, [Points, 1]);

var net = new Spiral(snake, width: 32);
Console.WriteLine(net);
var optimizer = new Adam(net.Parameters(), new() { LearningRate = 0.01 });
for (var step = 0; step <= Steps; step++)
{
    using var scope = TensorScope.Begin();
    optimizer.ZeroGrad();
    var logits = net.Forward(x);
    var loss = Loss.BinaryCrossEntropyWithLogits(logits, target);
    if (step % 50 == 0)
        Console.WriteLine($"step {step,3}  loss {loss.Item():f4}  {Right(logits.ToArray<float>(), sides),6:p1} right");
    loss.Backward();
    optimizer.Step();
}
Draw(net);

static double Right(float[] logits, float[] sides) => logits.Zip(sides).Average(pair => pair.First > 0 == pair.Second > 0 ? 1 : 0);

// The slope that is stated, against the slope of a short secant, in double precision.
static void CheckGradient(Function function)
{
    const double H = 1e-6;
    var x = Tensor.From([-2.0, -0.5, 0, 0.5, 1, 3]);
    x.RequiresGrad = true;
    function.Apply(x).Sum().Backward();
    var secant = (function.Apply(x.Detach() + H) - function.Apply(x.Detach() - H)) / (2 * H);
    var apart = (x.Grad! - secant).Abs().Largest().Item();
    Console.WriteLine($"{function.Name}: the gradient as written and a difference quotient are {apart:e1} apart.\n");
    if (!(apart < 1e-8))
        throw new InvalidOperationException("The gradient is wrong.");
}

// What the net says of every place of a square, and the points that it learned from.
static void Draw(Module net)
{
    const int Rows = 25, Columns = 50;
    var grid = new float[2 * Rows * Columns];
    for (var i = 0; i < Rows * Columns; i++)
        (grid[2 * i], grid[(2 * i) + 1]) = ((2.2f * (i % Columns) / (Columns - 1)) - 1.1f, 1.1f - (2.2f * (i / Columns) / (Rows - 1)));
    using var silence = Grad.Off();
    var said = net.Forward(Tensor.From(grid, [Rows * Columns, 2])).Sigmoid().ToArray<float>();
    Console.WriteLine();
    for (var row = 0; row < Rows; row++)
        Console.WriteLine("  " + string.Concat(said.AsSpan(row * Columns, Columns).ToArray().Select(p => p < 0.1 ? '·' : p < 0.5 ? '░' : p < 0.9 ? '▒' : '█')));
}

internal sealed class Spiral : Module
{
    private readonly Function _bend;
    private readonly ModuleList<Linear> _layers;

    public Spiral(Function bend, int width)
    {
        _bend = bend;
        _layers = Register("layers", new ModuleList<Linear>(new Linear(2, width), new Linear(width, width), new Linear(width, 1)));
    }

    protected override Tensor Compute(Tensor x)
    {
        for (var i = 0; i < _layers.Count - 1; i++)
            x = _bend.Apply(_layers[i].Forward(x));
        return _layers[^1].Forward(x);
    }
}
