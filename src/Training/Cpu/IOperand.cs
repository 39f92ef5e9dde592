namespace Anneal.Training.Cpu;

/// <summary>One side of a matrix product: lines (rows of the left side, columns of the right one) that are packed as they are needed.</summary>
internal unsafe interface IOperand<T> where T : unmanaged
{
    /// <summary>
    /// Lines [first, first + lines) over the depth [depth, depth + length) as panels, one after another (<see cref="Cpu.Panels"/>).
    /// </summary>
    /// <param name="room">Room to pack them into; a right side may spill over its end by a vector.</param>
    /// <param name="batch">Which of several products.</param>
    /// <param name="first">The first line: a multiple of the panel's width.</param>
    /// <param name="lines">How many lines.</param>
    /// <param name="depth">Where the block of depth begins.</param>
    /// <param name="length">The length of the block.</param>
    /// <returns>Where the panels are: in the room, or where they lay packed already.</returns>
    T* Panels(T* room, int batch, int first, int lines, int depth, int length);
}

/// <summary>Where the tiles of a matrix product go.</summary>
internal unsafe interface ITarget<T> where T : unmanaged
{
    /// <summary>The address of a whole tile whose columns lie side by side, and the step between its rows; null when it does not lie so.</summary>
    T* Whole(int batch, int row, int column, out long step);

    /// <summary>Takes a tile, or the part of it that is inside the result; its rows are a whole tile's width apart.</summary>
    void Put(int batch, int row, int rows, int column, int columns, T* tile, bool add);
}
