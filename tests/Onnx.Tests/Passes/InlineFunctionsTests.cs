using System.Diagnostics;
using Anneal.Onnx.Passes;
using Microsoft.ML.OnnxRuntime;
using static Anneal.Onnx.Tests.Passes.FunctionText;

namespace Anneal.Onnx.Tests.Passes;

/// <summary>ONNX Runtime replaces calls itself: what it computes of a model with functions, it must compute of the model without them.</summary>
public sealed class InlineFunctionsTests
{
    private static readonly Function Twice = Function("y = Twice(x)", "y = Add(x, x) name=double");

    public static TheoryData<string> Cases => [.. Models().Select(model => model.Name)];

    [Theory, MemberData(nameof(Cases))]
    public void ONNX_Runtime_gives_the_same_outputs_with_and_without_the_functions(string name)
    {
        var (_, model, plain) = Models().Single(m => m.Name == name);
        RequireEqualOutputs(model, plain);
    }

    /// <summary>Random libraries: each function calls those before it, in branches too, with attributes, left-out inputs and outputs.</summary>
    [Fact]
    public void ONNX_Runtime_gives_the_same_outputs_for_random_libraries_of_functions()
    {
        for (var seed = 0; seed < 60; seed++)
            RequireEqualOutputs(RandomModel(new Random(seed)));
    }

    [Fact]
    public void Values_and_nodes_are_named_after_the_call_and_outputs_keep_their_names()
    {
        var model = Model("y", ["h = my.Leaky(x) name=first", "y = my.Leaky(h)"],
            Function("y = Leaky(x)", "t = my.Twice(x) name=inner", "y = LeakyRelu(t) name=leaky"), Twice);
        Assert.True(new InlineFunctions().Run(model));
        Assert.Equal(
            ["first/inner/double: first/t = Add(x, x)", "first/leaky: h = LeakyRelu(first/t)", "y/inner/double: y/t = Add(h, h)", "y/leaky: y = LeakyRelu(y/t)"],
            model.Graph.Nodes.Select(node => $"{node.Name}: {node}"));
    }

    [Fact]
    public void Names_that_are_taken_or_too_long_are_changed()
    {
        var longName = new string('n', 300);
        var model = Model("y", [$"a/{longName} = Neg(x)", $"y = my.F(a/{longName}) name=a"], Function("y = F(x)", $"{longName} = Abs(x)", $"y = Relu({longName})"));
        new InlineFunctions().Run(model);
        Assert.Equal([302, FreeNames.MostLength, 1], model.Graph.Nodes.Select(node => node.Outputs[0]!.Name.Length));
        RequireEqualOutputs(Model("y", ["a/t = Neg(x)", "y = my.F(a/t) name=a"], Function("y = F(x)", "t = Abs(x)", "y = Relu(t)")));
    }

    [Fact]
    public void Types_documentation_and_metadata_survive()
    {
        var function = Function("y = F(x)", "t = Abs(x)", "y = Relu(t)");
        function.Body.Nodes[0].DocString = "the body's";
        function.Body.Nodes[0].Metadata["origin"] = "body";
        var model = Model("y", ["y = my.F(x)"], function);
        model.Graph.Outputs[0].DocString = "the caller's";
        new InlineFunctions().Run(model);
        Assert.Equal(("the body's", "body"), (model.Graph.Nodes[0].DocString, model.Graph.Nodes[0].Metadata["origin"]));
        Assert.Equal(("the caller's", "Float32 [2,3]"), (model.Graph.Outputs[0].DocString, $"{model.Graph.Outputs[0].Type}"));
    }

    [Fact]
    public void Functions_that_nothing_calls_go_and_a_library_without_a_graph_keeps_its_own()
    {
        var model = Model("y", ["y = Relu(x)"], Twice.Copy());
        Assert.True(new InlineFunctions().Run(model));
        Assert.Empty(model.Functions);

        var library = new Model(new Graph()) { GraphIsImplied = true };
        library.Functions.Add(Twice.Copy());
        Assert.False(new InlineFunctions().Run(library));
        Assert.Single(library.Functions);
    }

    [Fact]
    public void Functions_that_training_steps_call_stay()
    {
        var model = Model("y", ["y = my.Twice(x)"], Twice.Copy(), Function("y = Unused(x)", "y = Abs(x)"));
        var algorithm = new Graph("step");
        algorithm.AddInput("x");
        Fill(algorithm, "y = my.Twice(x)");
        model.TrainingInfo.Add(new() { Algorithm = algorithm });
        Assert.True(new InlineFunctions().Run(model));
        Assert.Equal(["Twice"], model.Functions.Select(function => function.Name));
        Assert.False(new InlineFunctions().Run(model));
    }

    /// <summary>Add has been the same since version 14, Reshape changed in 19 (and 21); my.Other is known to nobody.</summary>
    [Theory]
    [InlineData("y = Add(x, x)", 18, 21, null)]
    [InlineData("y = Add(x, x)", 13, 21, "version 13 of ai.onnx and the model version 21; Add of 'y'")]
    [InlineData("y = Identity(x)", 18, 21, "Upgrade the model first")]
    [InlineData("y = other.Thing(x)", 21, 21, "uses operators of other and does not import them")]
    public void A_function_of_another_version_is_accepted_only_where_nothing_changed(string line, int version, int other, string? refusal)
    {
        var function = Function("y = F(x)", line);
        function.OperatorSets[""] = version;
        var model = Model("y", ["y = my.F(x)"], function);
        model.OperatorSets[""] = other;
        if (refusal is null)
            Assert.True(new InlineFunctions().Run(model));
        else
            Assert.Contains(refusal, Assert.ThrowsAny<AnnealException>(() => new InlineFunctions().Run(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_set_that_the_model_lacks_is_added()
    {
        var function = Function("y = F(x)", "y = other.Thing(x)");
        function.OperatorSets["other"] = 7;
        var model = Model("y", ["y = my.F(x)"], function);
        new InlineFunctions().Run(model);
        Assert.Equal(7, model.OperatorSets["other"]);
    }

    [Theory]
    [InlineData("itself", "Function my.A calls itself: my.A -> my.A.")]
    [InlineData("each other", "Function my.A calls itself: my.A -> my.B -> my.A.")]
    [InlineData("in a branch", "Function my.A calls itself: my.A -> my.A.")]
    [InlineData("after many", "calls itself: my.F0 -> my.F1 -> my.F2 -> my.F3 -> … (9994 more) -> my.F9998 -> my.F9999 -> my.F0.")]
    [InlineData("twice the same", "two functions my.Twice")]
    [InlineData("doubling", "parts (nodes, their inputs, outputs and attributes) with its function calls replaced; 1000000 is the limit")]
    [InlineData("wide", "parts (nodes, their inputs, outputs and attributes) with its function calls replaced; 1000000 is the limit")]
    [InlineData("nested", "would have subgraphs nested 200 deep")]
    [InlineData("too many inputs", "Twice of 'y' has 2 inputs; the function my.Twice takes 1.")]
    [InlineData("too many outputs", "Twice of 'y' has 2 outputs; the function my.Twice gives 1.")]
    [InlineData("unknown attribute", "the attribute 'alpha' refers to 'slope', which the function does not have")]
    [InlineData("wrong kind", "gives Int for 'slope' where the function my.F needs Float")]
    [InlineData("no function around", "refers to one of a function around it, and there is none")]
    [InlineData("undefined", "Function my.F uses 'nowhere', which nothing in it makes")]
    [InlineData("undefined output", "Function my.F uses 'z', which nothing in it makes")]
    [InlineData("left-out output", "its output 0 is the function's input 'b', which the call leaves out")]
    [InlineData("left-out output of a branch", "gives 'b', which is an input that the call leaves out")]
    public void What_cannot_be_inlined_is_refused_by_name_and_at_once(string what, string expected)
    {
        var model = Refused(what);
        var watch = Stopwatch.StartNew();
        Assert.Contains(expected, Assert.ThrowsAny<AnnealException>(() => new InlineFunctions().Run(model)).Message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Sixty_five_thousand_nodes_are_made_in_seconds()
    {
        // 2^15 calls of the innermost function, two nodes each.
        var functions = Enumerable.Range(0, 16).Select(i => Function($"y = F{i}(x)", i == 0 ? ["t = Add(x, x)", "y = Abs(t)"] : [$"t = my.F{i - 1}(x)", $"y = my.F{i - 1}(t)"]));
        var model = Model("y", ["y = my.F15(x)"], [.. functions]);
        var watch = Stopwatch.StartNew();
        new InlineFunctions().Run(model);
        Assert.Equal(1 << 16, model.Graph.Nodes.Count);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    /// <summary>Models with functions; for those that ONNX Runtime refuses to open, the nodes that it must give the outputs of.</summary>
    private static IEnumerable<(string Name, Model Model, string[]? Plain)> Models()
    {
        yield return ("one call", Model("y", ["y = my.Twice(x)"], Twice), null);
        yield return ("a call of a call", Model("y", ["h = my.Four(x)", "y = my.Four(h)"], Function("y = Four(x)", "t = my.Twice(x)", "y = my.Twice(t)"), Twice), null);
        yield return ("an attribute given", Model("y", ["h = Neg(x)", "y = my.Leaky(h) slope=0.25"], Leaky()), null);
        yield return ("an attribute by default", Model("y", ["h = Neg(x)", "y = my.Leaky(h)"], Leaky()), null);
        yield return ("an attribute passed on", Model("y", ["h = Neg(x)", "y = my.Outer(h) steep=0.75"],
            Function("y = Outer(x) steep", "y = my.Leaky(x) slope=@steep"), Leaky()), null);
        yield return ("an attribute with neither", Model("y", ["h = Neg(x)", "y = my.Plain(h)"], Function("y = Plain(x) slope", "y = LeakyRelu(x) alpha=@slope")), null);
        yield return ("an input left out", Model("y", ["y = my.Clipped(x)"], Function("y = Clipped(x, least, most)", "y = Clip(x, least, most)")), null);
        yield return ("an input left out in between", Model("y", ["c = Constant() value_float=0.5", "y = my.Clipped(x, _, c)"], Function("y = Clipped(x, least, most)", "y = Clip(x, least, most)")), null);
        yield return ("fewer outputs", Model("y", ["y = my.Both(x)"], Function("a, b = Both(x)", "a = Abs(x)", "b = Neg(a)")), ["y = Abs(x)"]);
        yield return ("an output left out", Model("y", ["_, y = my.Both(x)"], Function("a, b = Both(x)", "a = Abs(x)", "b = Neg(a)")), null);
        yield return ("an output used inside", Model("y, z", ["y, z = my.Both(x)"], Function("a, b = Both(x)", "a = Abs(x)", "b = Neg(a)")), null);
        yield return ("an input passed through", Model("y, z", ["y, z = my.Pass(x)"], Function("x, a = Pass(x)", "a = Abs(x)")), ["y = Identity(x)", "z = Abs(x)"]);
        yield return ("an output given twice", Model("y, z", ["y, z = my.Same(x)"], Function("a, a = Same(x)", "a = Abs(x)")), ["y = Abs(x)", "z = Abs(x)"]);
        yield return ("names that clash", Model("y", ["t = Neg(x)", "y/t = Abs(t)", "h = my.F(y/t)", "y = Add(h, t)"], Function("y = F(x)", "t = Abs(x)", "y/t = Neg(t)", "y = Add(t, y/t)")), null);
        yield return ("overloads", Overloads(), null);
        yield return ("a branch", Branch(), null);
    }

    private static Function Leaky() => Function("y = Leaky(x) slope=0.5", "y = LeakyRelu(x) alpha=@slope");

    private static Model Overloads()
    {
        var (first, second) = (Function("y = F(x)", "y = Abs(x)"), Function("y = F(x)", "y = Neg(x)"));
        second.Overload = "second";
        return Model("y", ["h = my.F(x) overload=second", "y = my.F(h)"], first, second);
    }

    /// <summary>A function with an If whose branches capture its input, refer to its attribute and call a function; called from a branch in turn.</summary>
    private static Model Branch()
    {
        var function = Function("y = Choose(x) slope=0.5", "zero = Constant() value_float=0.0", "axes = Constant() value_ints=0,1", "sum = ReduceSum(x, axes) keepdims=0", "c = Greater(sum, zero)", "y = If(c)");
        Fill(function.Body.Nodes[^1]);
        var model = Model("y", ["zero = Constant() value_float=0.0", "axes = Constant() value_ints=0,1", "sum = ReduceSum(x, axes) keepdims=0", "c = Greater(sum, zero)", "y = If(c)"], function, Twice);
        foreach (var (branch, line) in new[] { ("then_branch", "t = my.Choose(x) slope=0.25"), ("else_branch", "t = my.Twice(x)") })
        {
            var graph = model.Graph.Nodes[^1].AddSubgraph(branch, branch);
            FunctionText.Fill(graph, line);
            graph.AddOutput(graph.Find("t")!);
        }
        return model;

        static void Fill(Node choice)
        {
            foreach (var (branch, line) in new[] { ("then_branch", "u = LeakyRelu(x) alpha=@slope"), ("else_branch", "u = my.Twice(x)") })
            {
                var graph = choice.AddSubgraph(branch, branch);
                FunctionText.Fill(graph, line);
                graph.AddOutput(graph.Find("u")!);
            }
        }
    }

    private static Model RandomModel(Random random)
    {
        var functions = new List<Function>();
        for (var f = 0; f < 1 + random.Next(5); f++)
            functions.Add(Function($"y, z = F{f}(a, b) slope=0.5", [.. Lines(random, f, ["a"], "y", "z")]));
        return Model("y, z", [.. Lines(random, functions.Count, ["x"], "y", "z")], [.. functions]);
    }

    private static IEnumerable<string> Lines(Random random, int functions, List<string> known, params string[] last)
    {
        var isBody = known[0] == "a";
        for (var i = 0; i < 4 + last.Length; i++)
        {
            var name = i < 4 ? $"t{i}" : last[i - 4];
            var (a, b) = (known[random.Next(known.Count)], known[random.Next(known.Count)]);
            var slope = random.Next(3) switch { 0 => "", 1 => " slope=0.25", _ => isBody ? " slope=@slope" : " slope=2.0" };
            yield return random.Next(6) switch
            {
                0 => $"{name} = Add({a}, {b}) name=n{i}",
                1 => $"{name} = LeakyRelu({a})" + (isBody ? " alpha=@slope" : ""),
                2 => $"{name} = Clip({a}, {(isBody ? "_, _" : "_")})",
                3 when functions > 0 => $"{name}, _ = my.F{random.Next(functions)}({a}, {b})",
                4 when functions > 0 => $"_, {name} = my.F{random.Next(functions)}({a}, {b}) name=c{i}{slope}",
                5 when functions > 0 => $"{name}, {name}b = my.F{random.Next(functions)}({a}, {b}){slope}",
                _ => $"{name} = Sub({a}, {b})",
            };
            known.Add(name);
        }
    }

    private static Model Refused(string what) => what switch
    {
        "itself" => Model("y", ["y = my.A(x)"], Function("y = A(x)", "y = my.A(x)")),
        "each other" => Model("y", ["y = Abs(x)"], Function("y = A(x)", "y = my.B(x)"), Function("y = B(x)", "y = my.A(x)")),
        "in a branch" => InBranches(1, recursive: true),
        "after many" => Model("y", ["y = my.F0(x)"], [.. Enumerable.Range(0, 10_000).Select(i => Function($"y = F{i}(x)", $"y = my.F{(i + 1) % 10_000}(x)"))]),
        "twice the same" => Model("y", ["y = my.Twice(x)"], Twice.Copy(), Twice.Copy()),
        "doubling" => Model("y", ["y = my.F30(x)"], [Function("y = F0(x)", "y = Abs(x)"), .. Enumerable.Range(1, 30).Select(i => Function($"y = F{i}(x)", $"t = my.F{i - 1}(x)", $"y = my.F{i - 1}(t)"))]),
        "wide" => Model("y", [.. Enumerable.Range(0, 100).Select(i => $"t{i} = my.Wide(x)"), "y = Neg(t0)"], Function("y = Wide(x)", $"y = Max({string.Join(',', Enumerable.Repeat("x", 10_000))})")),
        "nested" => InBranches(200, recursive: false),
        "too many inputs" => Model("y", ["y = my.Twice(x, x)"], Twice.Copy()),
        "too many outputs" => Model("y", ["y, z = my.Twice(x)"], Twice.Copy()),
        "unknown attribute" => Model("y", ["y = my.F(x)"], Function("y = F(x)", "y = LeakyRelu(x) alpha=@slope")),
        "wrong kind" => Model("y", ["y = my.F(x) slope=1"], Function("y = F(x) slope", "y = LeakyRelu(x) alpha=@slope")),
        "no function around" => Model("y", ["y = my.F(x) alpha=@slope"], Function("y = F(x) alpha", "y = LeakyRelu(x) alpha=@alpha")),
        "undefined" => Model("y", ["y = my.F(x)"], Function("y = F(x)", "y = Add(x, nowhere)")),
        "undefined output" => Model("y", ["y = my.F(x)"], Function("z = F(x)", "y = Abs(x)")),
        "left-out output" => Model("y", ["y = my.F(x)"], Function("b = F(a, b)", "c = Abs(a)")),
        "left-out output of a branch" => Passing(),
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, "No such case."),
    };

    /// <summary>Functions that each call the next in a branch; the last one computes, or calls itself.</summary>
    private static Model InBranches(int count, bool recursive)
    {
        var functions = new List<Function>();
        for (var i = 0; i < count; i++)
        {
            var function = Function($"y = {(i == 0 ? "A" : $"A{i}")}(x)", "c = Constant() value_int=1", "y = If(c)");
            var branch = function.Body.Nodes[^1].AddSubgraph("then_branch");
            Fill(branch, i < count - 1 ? $"t = my.A{i + 1}(x)" : recursive ? "t = my.A(x)" : "t = Abs(x)");
            branch.AddOutput(branch.Find("t")!);
            functions.Add(function);
        }
        return Model("y", ["y = my.A(x)"], [.. functions]);
    }

    private static Model Passing()
    {
        var function = Function("y = F(a, b)", "c = Constant() value_int=1", "y = If(c)");
        function.Body.Nodes[^1].AddSubgraph("then_branch", "then").AddOutput(function.Body.Inputs[1]);
        return Model("y", ["y = my.F(x)"], function);
    }

    private static void RequireEqualOutputs(Model model, string[]? plain = null)
    {
        var original = OnnxFile.ToBytes(model);
        var inlined = OnnxFile.Parse(original);
        Assert.True(new InlineFunctions().Run(inlined));
        Assert.Empty(inlined.Functions);
        Assert.False(new InlineFunctions().Run(inlined));
        var expected = plain is null ? original : OnnxFile.ToBytes(Model(string.Join(',', model.Graph.Outputs.Select(output => output.Name)), plain));
        Assert.Equal(Outputs(expected), Outputs(OnnxFile.ToBytes(OnnxFile.Parse(OnnxFile.ToBytes(inlined)))));
    }

    private static string[] Outputs(byte[] model)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1 };
        options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
        using var session = new InferenceSession(model, options);
        return OrtVectors.Run(session, OrtVectors.Inputs("no file", session));
    }
}
