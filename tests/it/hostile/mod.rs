//! No input causes a panic or uses memory out of proportion to its size: bombs for every decoder, measured by the bytes
//! allocated, and for the program, measured by its memory.

mod archives;
mod decoders;
mod logs;
mod program;

const MIB: usize = 1 << 20;
/// The memory any decoder may use for the shortest input: buffers, and a 1 MiB line as JSON.
const ANY: usize = 40 * MIB;
