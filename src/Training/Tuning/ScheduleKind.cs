namespace Anneal.Training.Tuning;

/// <summary>How the learning rate goes over the steps of a stage.</summary>
public enum ScheduleKind
{
    /// <summary>Up over the first third and down to nearly nothing: <see cref="Optim.OneCycle"/>.</summary>
    OneCycle,

    /// <summary>Down along half a cosine: <see cref="Optim.Cosine"/>.</summary>
    Cosine,

    /// <summary>The same at every step.</summary>
    Constant,
}
