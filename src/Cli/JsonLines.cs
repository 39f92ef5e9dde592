using System.Text.Json;

namespace Anneal.Cli;

/// <summary>
/// Answers for programs: one JSON object a line, its members always the same and in the same order, out as soon as it is known.
/// </summary>
internal sealed class JsonLines(Screen screen, string model, string engine, string device) : IAnswerWriter
{
    public void Write(Answer answer) => screen.Line(JsonText.Object(json => Write(json, answer)));

    private void Write(Utf8JsonWriter json, Answer answer)
    {
        json.WriteString("file", answer.File);
        json.WriteString("model", model);
        json.WriteString("engine", engine);
        json.WriteString("device", device);
        json.Objects("predictions", answer.Predictions, prediction =>
        {
            json.WriteNumber("index", prediction.Index);
            json.WriteString("label", prediction.Label);
            json.WriteNumber("probability", prediction.Probability);
        });
        json.WriteString("error", answer.Error);
    }
}
