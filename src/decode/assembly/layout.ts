/*
 * Where in memory what lies, and what its numbers mean.
 */

// What the other side writes: numbers of four bytes, here and from there on.
/** The length of the file, and where in it the scan's data begins. */
export const LENGTH: usize = 0
export const START: usize = 32
/** MCUs of the scan, in a row of them, and from one restart marker to the next, 0 for no markers. */
export const UNITS: usize = 4
export const ACROSS: usize = 8
export const INTERVAL: usize = 12
/** Pixels of the picture that is made. */
export const WIDTH: usize = 16
export const HEIGHT: usize = 20
/** Pixels of an MCU. */
export const UNIT_WIDTH: usize = 24
export const UNIT_HEIGHT: usize = 28
/** Three components, a byte for each of these. */
export const COMPONENTS: usize = 40
export const COMPONENT: usize = 8
export const BLOCKS_ACROSS: usize = 0
export const BLOCKS_DOWN: usize = 1
export const DC_TABLE: usize = 2
export const AC_TABLE: usize = 3
export const QUANTIZER: usize = 4
/** 1 or 2: pixels of a block, across and down. */
export const SIDE: usize = 5
/** Bytes of a pixel. */
export const CHANNELS: usize = 3
/** For each pixel of an MCU the places of its three samples among `SAMPLES`. */
export const PLACES: usize = 0x80
/** Huffman tables, four of DC and four of AC: how many codes of each length, and their symbols. */
export const HUFFMAN: usize = 0x100
export const HUFFMAN_SIZE: usize = 16 + 256
/** Four times 64 bytes, in zigzag order. */
export const QUANTIZERS: usize = 0xa00
/** The file, so far behind the bits that these may be written sixteen bytes at once while it is read. */
export const BITS: usize = 0x20000
export const FILE: usize = BITS + 32

// What is kept in between.
/** The DC coefficients before, and the samples of an MCU: 16 bytes of each component. */
export const BEFORE: usize = 0xc00
export const SAMPLES: usize = 0xc40
/** Where in `SUMS` each coefficient of a block counts, and how much of it, in the order of the file. */
export const WEIGHTS: usize = 0x1000
/** Sums of a block's columns 1, 3, 5, 7 and 0: of their first row, and of the odd ones. */
export const SUMS: usize = 0xd00
export const ODD: usize = 32

export const DC_BITS: u32 = 10
export const DC_MASK: u64 = (1 << DC_BITS) - 1
export const VALUE_BITS: u32 = 10
export const VALUE_MASK: u64 = (1 << VALUE_BITS) - 1
export const RUN_BITS: u32 = 12
export const RUN_MASK: u64 = (1 << RUN_BITS) - 1
/** What one look may pass over: three fit into 56 bits. */
export const MOST_BITS: u32 = 18

// Tables, four of each kind. The index are the next bits; 0 is for those that more bits are needed to tell.
/** Of DC coefficients so many bits, from `SIZE` on how many of them are its own and, above 16 bits, its value if `IS_WHOLE`. */
export const DC_VALUES: usize = 0x2000
/** So many bits and, from `COUNT` on, how many coefficients they tell of; above 16 bits the last one's value. */
export const AC_VALUES: usize = DC_VALUES + (4 << (DC_BITS + 2))
/** The length of a code, and above 8 bits its symbol. */
export const SYMBOLS: usize = AC_VALUES + (4 << (VALUE_BITS + 2))
/** As many whole symbols as there are: their bits and, from `COUNT` on, how many coefficients they tell of. */
export const RUNS: usize = SYMBOLS + (4 << (RUN_BITS + 1))
export const COUNT: u64 = 6
export const SIZE: u32 = 8
export const IS_WHOLE: u32 = 1 << 15
export const BLOCK: u64 = 64
/** The code for "no more" counts as so many coefficients, which tells it from all that a block could have. */
export const END: u64 = 128
/** And this from both. */
export const UNSURE: u64 = 256
