/*
 * Where in memory what lies, and what its numbers mean.
 */

// What the other side writes (../jpeg-order.ts, and ../jpeg-layout.ts with the same numbers): numbers of four bytes, here and from there on.
/** The length of the file, and where in it the scan's data begins. */
export const LENGTH: usize = 0
export const START: usize = 24
/** MCUs of the scan, in a row of them, and from one restart marker to the next, 0 for no markers. */
export const UNITS: usize = 4
export const ACROSS: usize = 8
export const INTERVAL: usize = 12
/** Pixels of the picture that is made. */
export const WIDTH: usize = 16
export const HEIGHT: usize = 20
/** Of a progressive file its scans: where they are described, 0 for a baseline one, and how many there are. */
export const SCANS: usize = 28
export const SCAN_COUNT: usize = 32
/** How far in memory coefficients may go that are kept from scan to scan: what comes after them needs the rest. */
export const LIMIT: usize = 36
/** Three components, a byte for each of these. */
export const COMPONENTS: usize = 40
export const COMPONENT: usize = 16
export const BLOCKS_ACROSS: usize = 0
export const BLOCKS_DOWN: usize = 1
export const DC_TABLE: usize = 2
export const AC_TABLE: usize = 3
export const QUANTIZER: usize = 4
/** Pixels that a block becomes, across and down: 1, 2, 4 or 8. */
export const SIDE: usize = 5
/** How often a sample is repeated, or smoothed over, across and down, and whether it is smoothed. */
export const TIMES_ACROSS: usize = 6
export const TIMES_DOWN: usize = 7
export const SMOOTH: usize = 8
/** Huffman tables, four of DC and four of AC: how many codes of each length, and their symbols. */
export const HUFFMAN: usize = 0x100
export const HUFFMAN_SIZE: usize = 16 + 256
/** A scan: where its data is, MCUs between restart markers, and which bits of which coefficients it tells of. */
export const SCAN: usize = 32
export const SCAN_DATA: usize = 0
export const SCAN_INTERVAL: usize = 4
export const SCAN_FIRST: usize = 8
export const SCAN_LAST: usize = 9
export const SCAN_HIGH: usize = 10
export const SCAN_LOW: usize = 11
/** How many components it has, which they are, and where the Huffman table of each lies. */
export const SCAN_WIDTH: usize = 12
export const SCAN_COMPONENTS: usize = 13
export const SCAN_TABLES: usize = 16
/** Four times 64 bytes, in zigzag order. */
export const QUANTIZERS: usize = 0xa00
/** The file, so far behind the bits that these may be written sixteen bytes at once while it is read. */
export const BITS: usize = 0x40000
export const FILE: usize = BITS + 32

// What is to be made of the pixels (../jpeg-plan.ts).
/** Of the picture as it is scaled. */
export const PLAN_WIDTH: usize = 0xb00
export const PLAN_HEIGHT: usize = PLAN_WIDTH + 4
/** Whether chroma becomes half as wide and high. */
export const PLAN_SUBSAMPLED: usize = PLAN_WIDTH + 8
/** How the pixels are turned afterwards: an EXIF orientation. */
export const PLAN_ORIENTATION: usize = PLAN_WIDTH + 9
/** Down and across: of how many pixels means are taken, how many there are of these, the size of the kernel, where it is. */
export const PLAN_DOWN: usize = PLAN_WIDTH + 16
export const PLAN_ACROSS: usize = PLAN_WIDTH + 32
export const STEP_WHOLE: usize = 0
export const STEP_COUNT: usize = 4
export const STEP_TAPS: usize = 8
export const STEP_ADDRESS: usize = 12
/** Of luma and chroma, 64 bytes each, in zigzag order. */
export const PLAN_QUANTIZERS: usize = PLAN_WIDTH + 64
/** Kernels, as far as the bits. */
export const KERNELS: usize = 0x24000

// What is kept in between.
/** The DC coefficients before. */
export const BEFORE: usize = 0xc00
/** For each component where its samples are, how many bytes a row of them takes, and how many there are across and down. */
export const PLANES: usize = 0xc40
export const PLANE: usize = 16
export const PLANE_ADDRESS: usize = 0
export const PLANE_STRIDE: usize = 4
export const PLANE_WIDTH: usize = 8
export const PLANE_HEIGHT: usize = 12
/**
 * For each component of a progressive file how many blocks it has across and down, which the other side writes; and where
 * their DC coefficients are, two bytes each, where that is said of their others, and how many there are room for in a row.
 */
export const GRIDS: usize = 0xc80
export const GRID: usize = 32
export const GRID_ACROSS: usize = 0
export const GRID_DOWN: usize = 4
export const GRID_MEANS: usize = 8
export const GRID_BLOCKS: usize = 12
export const GRID_STRIDE: usize = 16
/** What the others of a block take, and which of them are needed. */
export const GRID_SIZE: usize = 20
export const GRID_NEEDED: usize = 24
/** A block's coefficients, two bytes each, and what is made of them on the way. */
export const BLOCK_COEFFICIENTS: usize = 0xd00
export const WORK: usize = 0xe00
/** For each quantizer what coefficients are multiplied by, and where in a block they lie, in the order of the file. */
export const PLACES: usize = 0x1000
/** For each coefficient in the order of the file which one of its block it is, row by row. */
export const ZIGZAG: usize = 0x1400
/** For the encoder: divisors of luma and chroma. */
export const DIVISORS: usize = 0x1500

export const DC_BITS: u32 = 10
export const DC_MASK: u64 = (1 << DC_BITS) - 1
export const VALUE_BITS: u32 = 11
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
/** The Huffman tables that these have been made of, and of each for what: many files have the same. */
export const MADE_OF: usize = RUNS + (4 << (RUN_BITS + 1))
export const MADE_FOR: usize = MADE_OF + 8 * HUFFMAN_SIZE
/** For the encoder: counts and codes of symbols, and lists of these. */
export const COUNTS: usize = MADE_FOR + 16
export const CODES: usize = COUNTS + 4 * 1040
export const SYMBOL_LIST: usize = CODES + 4 * 1024
/** For each component of a progressive file which of the coefficients that are kept each one is; 0 for what isn't needed. */
export const LEVEL_PLACES: usize = SYMBOL_LIST + 4096
if (LEVEL_PLACES + 3 * 64 > KERNELS) ERROR('The kernels overlap with what lies before them.')

export const COUNT: u64 = 6
export const SIZE: u32 = 8
export const IS_WHOLE: u32 = 1 << 15
export const BLOCK: u64 = 64
/** The code for "no more" counts as so many coefficients, which tells it from all that a block could have. */
export const END: u64 = 128
/** And this from both. */
export const UNSURE: u64 = 256

/** Coefficients of a block. */
export const BYTES_OF_BLOCK: usize = 128
