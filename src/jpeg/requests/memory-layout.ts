/*
 * Where in memory WebAssembly looks for what it is to do; names and numbers are those of assembly/layout.ts.
 */
export const LENGTH = 0
export const UNITS = 4
export const INTERVAL = 12
export const WIDTH = 16
export const HEIGHT = 20
export const START = 24
export const SCANS = 28
export const SCAN_COUNT = 32
export const LIMIT = 36
export const COMPONENTS = 40
export const COMPONENT = 16
export const DC_TABLE = 2
export const HUFFMAN = 0x100
export const HUFFMAN_SIZE = 16 + 256
export const SCAN = 32
export const SCAN_TABLES = 16
export const QUANTIZERS = 0xa00
export const PLAN = 0xb00
export const PLAN_SUBSAMPLED = PLAN + 8
export const PLAN_ORIENTATION = PLAN + 9
export const PLAN_DOWN = PLAN + 16
export const PLAN_ACROSS = PLAN + 32
export const PLAN_QUANTIZERS = PLAN + 64
export const PLANES = 0xc40
export const PLANE = 16
export const PLANE_WIDTH = 8
export const GRIDS = 0xc80
export const GRID = 32
export const KERNELS = 0x24000
export const BITS = 0x40000
export const FILE = BITS + 32
