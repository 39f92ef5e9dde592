namespace Anneal.Onnx.Tests.Passes;

/// <summary>Nodes before and after an upgrade, written as <see cref="GraphText"/>, and nodes that are refused.</summary>
public static class UpgradeCases
{
    /// <summary>Name, version before, version after, graph before, graph after.</summary>
    public static TheoryData<string, int, int, string, string> Rewritten => new()
    {
        {
            "an operand that lies against inner axes", 6, 7,
            """
            x: Float32[2,3,4,5]
            b: Float32[3,4]
            y = Add(x, b) broadcast=1 axis=1
            -> y
            """,
            """
            x: Float32[2,3,4,5]
            b: Float32[3,4]
            y_aligned_shape = Int64[3]{0,0,1}
            y_aligned = Reshape(b, y_aligned_shape)
            y = Add(x, y_aligned)
            -> y
            """
        },
        {
            "an operand that lies against the last axes", 6, 7,
            """
            x: Float32[2,3]
            b: Float32[3]
            y = Mul(x, b) broadcast=1
            -> y
            """,
            """
            x: Float32[2,3]
            b: Float32[3]
            y = Mul(x, b)
            -> y
            """
        },
        {
            "a sum over all axes from one on", 12, 13,
            """
            x: Float32[N,3,4]
            y = Softmax(x) 'scores'
            -> y: Float32[N,3,4]
            """,
            """
            x: Float32[N,3,4]
            scores_shape = Shape(x)
            scores_flat = Flatten(x) axis=1
            scores_y = Softmax(scores_flat) axis=-1 'scores'
            y = Reshape(scores_y, scores_shape)
            -> y: Float32[N,3,4]
            """
        },
        {
            "a sum over an axis after which all have extent 1", 12, 13,
            """
            x: Float32[N,1000,1,1]
            y = Softmax(x)
            -> y
            """,
            """
            x: Float32[N,1000,1,1]
            y = Softmax(x) axis=1
            -> y
            """
        },
        {
            "a mask that is used", 7, 10,
            """
            x: Float32[2]
            y, m = Dropout(x) ratio=0.5
            -> y, m
            """,
            """
            x: Float32[2]
            y, y_m = Dropout(x) ratio=0.5
            m = Cast(y_m) to=1
            -> y, m
            """
        },
        {
            "outputs of training that nothing uses", 7, 14,
            """
            x: Float32[1,3,2,2]
            s: Float32[3]
            y, m, v, sm, sv = BatchNormalization(x, s, s, s, s) epsilon=0.001 spatial=1 'norm'
            -> y
            """,
            """
            x: Float32[1,3,2,2]
            s: Float32[3]
            y = BatchNormalization(x, s, s, s, s) epsilon=0.001 'norm'
            -> y
            """
        },
        {
            "an operator that was withdrawn", 7, 13,
            """
            x: Float32[1,1,2,2]
            y = Upsample(x) mode=linear scales=[1.0,1.0,2.0,2.0]
            -> y
            """,
            """
            x: Float32[1,1,2,2]
            y_scales = Float32[4]{1,1,2,2}
            y = Resize(x, -, y_scales) mode=linear coordinate_transformation_mode=asymmetric
            -> y
            """
        },
        {
            "an operator of another name", 10, 11,
            """
            x: Float32[3]
            i: Int64[1]
            u: Float32[1]
            y = Scatter(x, i, u) axis=0
            -> y
            """,
            """
            x: Float32[3]
            i: Int64[1]
            u: Float32[1]
            y = ScatterElements(x, i, u) axis=0
            -> y
            """
        },
        {
            "bounds in the type of x", 10, 11,
            """
            x: Double[3]
            y = Clip(x) min=0.0 max=6.0
            -> y
            """,
            """
            x: Double[3]
            y_min = Double[]{0}
            y_max = Double[]{6}
            y = Clip(x, y_min, y_max)
            -> y
            """
        },
        {
            "bounds in a type that is not known", 10, 15,
            """
            x
            y = Clip(x) max=6.0
            -> y
            """,
            """
            x
            y_max = Float32[]{6}
            y_max_cast = CastLike(y_max, x)
            y = Clip(x, -, y_max_cast)
            -> y
            """
        },
        {
            "scale and bias for each group", 18, 21,
            """
            x: Float32[N,4,8]
            s: Float32[2]
            y = GroupNormalization(x, s, s) num_groups=2
            -> y
            """,
            """
            x: Float32[N,4,8]
            s: Float32[2]
            y_repeats = Int64[2]{1,2}
            y_column_shape = Int64[2]{-1,1}
            y_by_channel_shape = Int64[1]{-1}
            y_column_shape_1 = Int64[2]{-1,1}
            y_by_channel_shape_1 = Int64[1]{-1}
            y_column = Reshape(s, y_column_shape)
            y_repeated = Expand(y_column, y_repeats)
            y_by_channel = Reshape(y_repeated, y_by_channel_shape)
            y_column_1 = Reshape(s, y_column_shape_1)
            y_repeated_1 = Expand(y_column_1, y_repeats)
            y_by_channel_1 = Reshape(y_repeated_1, y_by_channel_shape_1)
            y = GroupNormalization(x, y_by_channel, y_by_channel_1) num_groups=2
            -> y
            """
        },
        {
            "a branch", 12, 13,
            """
            c: Bool[]
            x: Float32[1,3]
            y = If(c)
              then_branch:
                t = Squeeze(x) axes=[0]
                -> t
              else_branch:
                e = ReduceSum(x) axes=[0] keepdims=0
                -> e
            -> y
            """,
            """
            c: Bool[]
            x: Float32[1,3]
            y = If(c)
              then_branch:
                t_axes = Int64[1]{0}
                t = Squeeze(x, t_axes)
                -> t
              else_branch:
                e_axes = Int64[1]{0}
                e = ReduceSum(x, e_axes) keepdims=0
                -> e
            -> y
            """
        },
        {
            "attributes that were renamed or moved", 17, 20,
            """
            x: Float32[1,1,4,4]
            g: Float32[1,2,2,2]
            y = GridSample(x, g) mode=bilinear
            z = DFT(x)
            -> y, z
            """,
            """
            x: Float32[1,1,4,4]
            g: Float32[1,2,2,2]
            z_axis = Int64[]{1}
            y = GridSample(x, g) mode=linear
            z = DFT(x, -, z_axis)
            -> y, z
            """
        },
        {
            "another operator's domain", 7, 13,
            """
            x: Float32[2]
            y = com.microsoft.Softmax(x) is_test=0
            -> y
            """,
            """
            x: Float32[2]
            y = com.microsoft.Softmax(x) is_test=0
            -> y
            """
        },
    };

    /// <summary>Version, graph, how the message begins.</summary>
    public static TheoryData<int, string, string> Refused => new()
    {
        { 5, "x: Float32[2]\ny = Relu(x)\n-> y", "The model is of ONNX operator set 5; the oldest that can be upgraded is 6." },
        { 99, "x: Float32[2]\ny = Relu(x)\n-> y", "The model is of ONNX operator set 99, newer than the " },
        { 6, "x: Float32[2]\ny = Dropout(x)\n-> y", "Dropout of 'y' cannot be taken to version 7 of Dropout: is_test is 0" },
        { 6, "x\nb\ny = Add(x, b) broadcast=1 axis=1\n-> y", "Add of 'y' cannot be taken to version 7 of Add: how many axes its operands have" },
        { 6, "x: Float32[1,3]\ns: Float32[3]\ny = BatchNormalization(x, s, s, s, s) 'n'\n-> y", "BatchNormalization 'n' cannot be taken to version 7 of BatchNormalization: is_test is 0" },
        { 7, "x: Float32[1,3,2]\ns: Float32[3,2]\ny = BatchNormalization(x, s, s, s, s) spatial=0\n-> y", "BatchNormalization of 'y' cannot be taken to version 9 of BatchNormalization: spatial is 0" },
        { 9, "x: Float32[1,3,2]\ns: Float32[3]\ny, m = BatchNormalization(x, s, s, s, s)\n-> y, m", "BatchNormalization of 'y' cannot be taken to version 14 of BatchNormalization: its output 'm' is used" },
        { 11, "x: Float32[1,1,2]\nr: Float32[0]\ns: Float32[3]\ny = Resize(x, r, s) coordinate_transformation_mode=tf_half_pixel_for_nn\n-> y", "Resize of 'y' cannot be taken to version 13 of Resize: the coordinate_transformation_mode tf_half_pixel_for_nn" },
        { 17, "x: Float32[2]\ny = NonMaxSuppression(x)\n-> y", "NonMaxSuppression of 'y': what the versions of NonMaxSuppression after operator set 17 changed is not known here" },
        { 17, "x: Float32[2]\ny = Mish(x)\n-> y", "Mish of 'y': operator set 17 has no Mish; version 18 is its first." },
        { 12, "x: Float32[1,1,2,2]\ns: Float32[4]\ny = Upsample(x, s)\n-> y", "Upsample of 'y': operator set 12 has no Upsample any more." },
    };
}
