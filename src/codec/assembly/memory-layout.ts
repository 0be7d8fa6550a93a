/*
 * Memory layout: addresses, sizes of records, and offsets in them. `npm run assemble` copies these constants to
 * ../requests/memory-layout.generated.ts, whose importers write the request before a call. Numbers have four bytes unless
 * said otherwise.
 */

// Request: source and output.
/** Size of the file in bytes, and offset in it of a baseline file's entropy-coded data. */
export const FILE_LENGTH: usize = 0
export const DATA_OFFSET: usize = 24
/** MCUs of the scan, MCUs in a row, and MCUs between restart markers; 0 for no markers. */
export const MCU_COUNT: usize = 4
export const MCUS_PER_ROW: usize = 8
export const RESTART_INTERVAL: usize = 12
/** Decoded size in pixels. */
export const OUTPUT_WIDTH: usize = 16
export const OUTPUT_HEIGHT: usize = 20
/** Address of a progressive file's scans, 0 for a baseline file; and their number. */
export const SCANS: usize = 28
export const SCAN_COUNT: usize = 32
/** End of the memory that a progressive file's coefficients may take: later stages need the rest. */
export const COEFFICIENT_LIMIT: usize = 36
/** Three components, or one of a grey file, one byte for each field; and their number. */
export const COMPONENTS: usize = 40
export const COMPONENT_SIZE: usize = 16
export const COMPONENT_COUNT: usize = COMPONENTS + 3 * COMPONENT_SIZE
/** Sampling factors: blocks of an MCU across and down. */
export const H_SAMPLING: usize = 0
export const V_SAMPLING: usize = 1
export const DC_TABLE: usize = 2
export const AC_TABLE: usize = 3
export const QUANT_TABLE: usize = 4
/** Side of a decoded block in samples: 1, 2, 4 or 8 (libjpeg's `DCT_scaled_size`). */
export const BLOCK_SIZE: usize = 5
/** Pixels for each sample across and down, and 1 if they are interpolated (libjpeg's fancy upsampling). */
export const H_EXPAND: usize = 6
export const V_EXPAND: usize = 7
export const FANCY_UPSAMPLING: usize = 8
/** Huffman tables, four of DC and four of AC: the number of codes of each length, then their symbols. */
export const HUFFMAN_TABLES: usize = 0x100
export const HUFFMAN_TABLE_SIZE: usize = 16 + 256
/** Scan of a progressive file: address of its data, MCUs between restart markers, and Ss, Se, Ah and Al (ITU T.81, B.2.3). */
export const SCAN_SIZE: usize = 32
export const SCAN_DATA: usize = 0
export const SCAN_RESTART_INTERVAL: usize = 4
export const SCAN_SPECTRAL_START: usize = 8
export const SCAN_SPECTRAL_END: usize = 9
export const SCAN_APPROX_HIGH: usize = 10
export const SCAN_APPROX_LOW: usize = 11
/** Number of its components, their indices, and the addresses of their Huffman tables. */
export const SCAN_COMPONENT_COUNT: usize = 12
export const SCAN_COMPONENTS: usize = 13
export const SCAN_TABLES: usize = 16
/** Four quantization tables of 64 bytes, in zigzag order. */
export const QUANT_TABLES: usize = 0xa00
/**
 * Conversion of colours: for each value of red, green and blue what it adds to the light of the three, in four numbers; then the
 * curves.
 */
export const COLOUR_SUMS: usize = 0x40000
export const COLOUR_TABLES: usize = COLOUR_SUMS + 3 * 256 * 16
/** Bytes of a curve: one for each light from 0 to 1 in 14 bits, padded. */
export const COLOUR_CURVE_SIZE: usize = 0x4010
/** Scan data after unstuffing. The gap before `FILE` lets 16 bytes be written at once while the file is read. */
export const BIT_STREAM: usize = 0x60000
export const FILE: usize = BIT_STREAM + 32

// Request: resizing and encoding.
/** Size after scaling, before orientation. */
export const TARGET_WIDTH: usize = 0xb00
export const TARGET_HEIGHT: usize = TARGET_WIDTH + 4
/** 1 for 4:2:0 chroma, 0 for 4:4:4; one byte. */
export const TARGET_SUBSAMPLED: usize = TARGET_WIDTH + 8
/** EXIF orientation to apply after scaling; one byte. */
export const TARGET_ORIENTATION: usize = TARGET_WIDTH + 9
/**
 * Resizing along each axis: whole pixels averaged first (libvips' shrink), length after that, kernel size (libvips' reduce), and
 * address of the kernels.
 */
export const RESIZE_VERTICAL: usize = TARGET_WIDTH + 16
export const RESIZE_HORIZONTAL: usize = TARGET_WIDTH + 32
export const RESIZE_SHRINK: usize = 0
export const RESIZE_SHRUNK_LENGTH: usize = 4
export const RESIZE_TAPS: usize = 8
export const RESIZE_KERNELS: usize = 12
/** Quantization tables of luma and chroma, 64 bytes each, in zigzag order. */
export const TARGET_QUANT_TABLES: usize = TARGET_WIDTH + 64
/** Addresses of the curves of red, green and blue that convert colours before resizing; 0 for none. */
export const COLOUR_CURVES: usize = TARGET_WIDTH + 48
export const COLOUR_CURVE_RED: usize = 0
export const COLOUR_CURVE_GREEN: usize = 4
export const COLOUR_CURVE_BLUE: usize = 8
/** Kernels of both axes, up to `COLOUR_SUMS`. */
export const KERNELS: usize = 0x24000

// State between stages.
/** Last DC coefficient of each component (libjpeg's `last_dc_val`). */
export const DC_PREDICTORS: usize = 0xc00
/** Decoded samples of each component: address, bytes in a row, and, from the request, size in samples. */
export const PLANES: usize = 0xc40
export const PLANE_SIZE: usize = 16
export const PLANE_ADDRESS: usize = 0
export const PLANE_STRIDE: usize = 4
export const PLANE_WIDTH: usize = 8
export const PLANE_HEIGHT: usize = 12
/**
 * Coefficients of each component of a progressive file: size in blocks, from the request; addresses of the DC coefficients
 * (two bytes each) and of the pointers to each block's AC coefficients; and blocks in a row.
 */
export const COEFFICIENT_PLANES: usize = 0xc80
export const COEFFICIENT_PLANE_SIZE: usize = 32
export const COEF_WIDTH_IN_BLOCKS: usize = 0
export const COEF_HEIGHT_IN_BLOCKS: usize = 4
export const COEF_DC: usize = 8
export const COEF_AC_POINTERS: usize = 12
export const COEF_STRIDE: usize = 16
/** Bytes for the AC coefficients of a block, and a bit set of those that the block size needs (eight bytes). */
export const COEF_AC_BYTES: usize = 20
export const COEF_NEEDED: usize = 24
/** Coefficients of a progressive file's current block, as in `MCU_BLOCKS`; and work space of the transforms. */
export const COEFFICIENTS: usize = 0xd00
export const WORKSPACE: usize = 0xe00
/** For each quantization table: the factors, and the largest coefficients before them; two bytes each, as in a block. */
export const DEQUANT_TABLES: usize = 0x1000
export const DEQUANT_TABLE_SIZE: usize = 256
export const DEQUANT_LIMITS: usize = 128
/** Index in the block, row by row, of each zigzag index; and twice that, the offset in bytes. */
export const ZIGZAG: usize = 0x1400
export const ZIGZAG_OFFSETS: usize = ZIGZAG + 64
/** Encoder: divisors of luma and chroma. */
export const DIVISORS: usize = 0x1500

export const DC_LOOKUP_BITS: u32 = 10
export const DC_LOOKUP_MASK: u64 = (1 << DC_LOOKUP_BITS) - 1
export const AC_LOOKUP_BITS: u32 = 11
export const AC_LOOKUP_MASK: u64 = (1 << AC_LOOKUP_BITS) - 1
export const PAIR_TABLE_BITS: u32 = 11
export const PAIR_TABLE_MASK: u64 = (1 << PAIR_TABLE_BITS) - 1
export const RUN_TABLE_BITS: u32 = 12
export const RUN_TABLE_MASK: u64 = (1 << RUN_TABLE_BITS) - 1
/** Bits that one entry of `RUN_TABLE` may consume: three entries fit into the 56 bits of a refill. */
export const MAX_RUN_BITS: u32 = 18

// Lookup tables, four of each kind, indexed by the next bits. An entry of 0 means that the index has too few bits.
/** DC: bits consumed; from `SIZE_SHIFT` on the value's bits; above 16 bits the value, if `HAS_VALUE` is set. */
export const DC_LOOKUP: usize = 0x2000
/** AC: bits consumed; from `COUNT_SHIFT` on the coefficients consumed; above 16 bits the value of the last. */
export const AC_LOOKUP: usize = DC_LOOKUP + (4 << (DC_LOOKUP_BITS + 2))
/** AC codes alone: length of the code; above 8 bits the symbol. */
export const SYMBOL_LOOKUP: usize = AC_LOOKUP + (4 << (AC_LOOKUP_BITS + 2))
/** Runs of whole AC symbols: bits consumed; from `COUNT_SHIFT` on the coefficients consumed. */
export const RUN_TABLE: usize = SYMBOL_LOOKUP + (4 << (RUN_TABLE_BITS + 1))
/**
 * One or two whole AC symbols: bits consumed; from `COUNT_SHIFT` on the coefficients consumed; from 16 and 32 bits on the values
 * of the first and the last; from `FIRST_SHIFT` on the coefficients of the first, or `NO_PAIR` if no symbol is whole.
 */
export const PAIR_TABLE: usize = 0x50000
export const FIRST_SHIFT: u64 = 58
export const NO_PAIR: u64 = 63
if (PAIR_TABLE + (4 << (PAIR_TABLE_BITS + 3)) > BIT_STREAM) ERROR('The pair tables overlap the scan data.')
/** Huffman tables that the lookup tables were built from, and for which uses: many files have the same tables. */
export const TABLE_SOURCE: usize = RUN_TABLE + (4 << (RUN_TABLE_BITS + 1))
export const TABLE_USES: usize = TABLE_SOURCE + 8 * HUFFMAN_TABLE_SIZE
/** Encoder: counts and codes of symbols, and lists of symbols. */
export const SYMBOL_COUNTS: usize = TABLE_USES + 16
export const SYMBOL_CODES: usize = SYMBOL_COUNTS + 4 * 1040
export const SYMBOL_LIST: usize = SYMBOL_CODES + 4 * 1024
/** For each component of a progressive file and zigzag index: its slot in the block's AC coefficients, 0 if not needed. */
export const COEF_SLOTS: usize = SYMBOL_LIST + 4096
/**
 * Blocks of the current MCU of a baseline file, at most ten: coefficients before dequantization, two bytes each, row by row; then
 * 0 if only the DC coefficient was written, since all others are 0.
 */
export const MCU_BLOCKS: usize = COEF_SLOTS + 3 * 64
export const MCU_BLOCK_SIZE: usize = 144
export const HAS_AC: usize = 128
if (MCU_BLOCKS + 10 * MCU_BLOCK_SIZE > KERNELS) ERROR('The lookup tables overlap the kernels.')
if (COLOUR_TABLES + 3 * COLOUR_CURVE_SIZE > PAIR_TABLE) ERROR('The colour tables overlap the pair tables.')

export const COUNT_SHIFT: u64 = 6
export const SIZE_SHIFT: u32 = 8
export const HAS_VALUE: u32 = 1 << 15
/** Coefficients of a block (libjpeg's name). */
export const DCTSIZE2: u64 = 64
/** Count of an end-of-block symbol in the tables: larger than any count of coefficients. */
export const EOB: u64 = 128
/** Count of an index of `RUN_TABLE` that holds no whole code: larger than `EOB` and any count added to it. */
export const UNRESOLVED: u64 = 256

/** Bytes of a block's coefficients. */
export const BLOCK_BYTES: usize = 128
