using Anneal.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Anneal.Runtime;

/// <summary>
/// The one place where what ONNX Runtime throws becomes what we throw: with the model's name, what is wrong, and what to do.
/// </summary>
internal static class OrtErrors
{
    /// <summary>Whether an exception is one that ONNX Runtime's C# layer throws for a native failure.</summary>
    public static bool Explains(Exception error) =>
        error is OnnxRuntimeException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException
        || (error is TypeInitializationException { InnerException: { } inner } && Explains(inner));

    /// <summary>The exception to throw in place of a native one.</summary>
    /// <param name="subject">What was being worked on, as the beginning of a sentence: <c>The model '/x/y.onnx'</c>.</param>
    /// <param name="error">What ONNX Runtime threw.</param>
    public static AnnealException Explain(string subject, Exception error) => error switch
    {
        TypeInitializationException { InnerException: { } inner } => Explain(subject, inner),
        DllNotFoundException => new AnnealException(NativeMissing, error),
        BadImageFormatException => new AnnealException($"ONNX Runtime's native library is built for another processor or system than this one ({RuntimeId}): {error.Message}", error),
        EntryPointNotFoundException => new AnnealException($"ONNX Runtime's native library lacks an entry point that Microsoft.ML.OnnxRuntime.Managed {ManagedVersion} needs: {FirstLine(error.Message)} Reference the native package of the same version.", error),
        OnnxRuntimeException native => ExplainNative(subject, native) ?? new AnnealException($"{subject} failed in ONNX Runtime: {TextOf(native)}", native),
        _ => new AnnealException($"{subject}: {error.Message}", error),
    };

    /// <summary>As <see cref="Explain"/>, while a model is opened: what has no other name is the model's fault.</summary>
    public static AnnealException ExplainOpening(string subject, Exception error) => error is OnnxRuntimeException native
        ? ExplainNative(subject, native) ?? new InvalidModelException($"{subject} could not be opened by ONNX Runtime: {TextOf(native)}", native)
        : Explain(subject, error);

    /// <summary>What ONNX Runtime says, without its codes and source lines.</summary>
    public static string TextOf(Exception error) => error is OnnxRuntimeException ? Split(error.Message).Text : FirstLine(error.Message);

    private static string RuntimeId => System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;

    private static string ManagedVersion => typeof(InferenceSession).Assembly.GetName().Version?.ToString(3) ?? "";

    private static string NativeMissing =>
        $"ONNX Runtime's native library was not found for {RuntimeId}: this application references the managed part alone. Add one native package to it, of version {ManagedVersion}: "
        + "Microsoft.ML.OnnxRuntime for the CPU, or Microsoft.ML.OnnxRuntime.Gpu for CUDA (dotnet add package Microsoft.ML.OnnxRuntime).";

    private static AnnealException? ExplainNative(string subject, OnnxRuntimeException error)
    {
        var (code, text) = Split(error.Message);
        var rule = OrtErrorRules.All.FirstOrDefault(rule => rule.Matches(code, text));
        return rule?.Make($"{subject} {rule.Cause} (ONNX Runtime: {text})", error);
    }

    // "[ErrorCode:InvalidGraph] text" is how the C# layer writes a native status.
    private static (string Code, string Text) Split(string message)
    {
        const string Prefix = "[ErrorCode:";
        var end = message.IndexOf(']', StringComparison.Ordinal);
        return message.StartsWith(Prefix, StringComparison.Ordinal) && end > 0
            ? (message[Prefix.Length..end], FirstLine(message[(end + 1)..].Trim()))
            : ("Fail", FirstLine(message));
    }

    // A native message may carry the C++ source line before its text and a stack of them after it.
    private static string FirstLine(string text)
    {
        const string Status = "[ONNXRuntimeError] : ";
        var line = text.Trim().Split('\n', 2)[0].Trim();
        var start = line.LastIndexOf(Status, StringComparison.Ordinal);
        var said = start < 0 ? line : line[(start + Status.Length)..].Split(" : ", 3)[^1];
        var loading = said.StartsWith("Load model from ", StringComparison.Ordinal) ? said.IndexOf(" failed:", StringComparison.Ordinal) : -1;
        return loading < 0 ? said : said[(loading + " failed:".Length)..];
    }
}
