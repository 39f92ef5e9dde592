namespace Anneal.Training.Tuning;

/// <summary>What is wrong with data. What comes from <see cref="SinglePicture"/> on is a warning.</summary>
public enum DataFaultKind
{
    /// <summary>There is one class, or none.</summary>
    OneClass,

    /// <summary>A class has no pictures to train on.</summary>
    EmptyClass,

    /// <summary>There are fewer pictures to train on than classes.</summary>
    TooFewPictures,

    /// <summary>A picture cannot be read or decoded.</summary>
    UnreadablePicture,

    /// <summary>A class is validated and not trained.</summary>
    UntrainedClass,

    /// <summary>There are no pictures to validate on, although data was given.</summary>
    EmptyValidation,

    /// <summary>A picture is trained on and validated on as well.</summary>
    SharedPicture,

    /// <summary>A folder of classes is not there, holds no classes, or cannot be read.</summary>
    UnreadableFolder,

    /// <summary>A class has a single picture to train on.</summary>
    SinglePicture,

    /// <summary>A class has many times the pictures of another.</summary>
    Imbalance,

    /// <summary>A class is trained and not validated.</summary>
    UnvalidatedClass,

    /// <summary>A picture is in two classes of the training data.</summary>
    Contradiction,
}
