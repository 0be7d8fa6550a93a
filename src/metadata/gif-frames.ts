/*
 * A GIF is a header, a screen descriptor with a global colour table, and blocks. A graphic control extension holds delay,
 * disposal and transparent index of the frame that follows. Data come in sub-blocks, each with its length before it; an
 * empty one ends them. (GIF89a specification)
 */
const HEADER_BYTES = 13
const FRAME_DESCRIPTOR_BYTES = 10
const FRAME = 0x2c
const EXTENSION = 0x21
const GRAPHIC_CONTROL = 0xf9
const APPLICATION = 0xff
const TRAILER = 0x3b

/** Greatest delay of a frame: 16 bits, in hundredths of a second. */
export const MAX_GIF_DELAY = 65_535

/** A frame of a GIF as stored. */
export interface GifFrame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly isInterlaced: boolean
  /** Colour table, three bytes for each colour: its own or the global one; empty if there is none. */
  readonly palette: Uint8Array
  readonly transparentIndex: number | undefined
  /** 0 and 1: keep; 2: restore to background; 3: restore to previous; 4 to 7 are not defined. */
  readonly disposal: number
  /** Position of the delay; undefined without a graphic control extension. */
  readonly delayAt: number | undefined
  /** Position of the smallest code size, before the sub-blocks of compressed indices. */
  readonly dataAt: number
}

/** The structure of a GIF. */
export interface GifStructure {
  readonly width: number
  readonly height: number
  /** Position of the loop count; undefined if it plays once. */
  readonly loopAt: number | undefined
  readonly frames: readonly GifFrame[]
}

type GraphicControl = Pick<GifFrame, 'transparentIndex' | 'disposal' | 'delayAt'>

const NO_CONTROL: GraphicControl = { transparentIndex: undefined, disposal: 0, delayAt: undefined }

/** Reads the structure of a GIF. Returns undefined for another file, or one that is cut off or damaged. */
export function readGif(bytes: Uint8Array): GifStructure | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < HEADER_BYTES || !/^GIF8[79]a$/.test(file.toString('latin1', 0, 6))) return undefined
  const global = readPalette(file, 10, HEADER_BYTES)
  const frames: GifFrame[] = []
  let loopAt: number | undefined
  let control = NO_CONTROL
  for (let at = HEADER_BYTES + global.length; at + 1 < file.length && file[at] !== TRAILER;) {
    if (file[at] === FRAME) {
      if (at + FRAME_DESCRIPTOR_BYTES >= file.length) return undefined
      const frame = readFrame(file, at, global, control)
      frames.push(frame)
      control = NO_CONTROL
      at = endOfBlocks(file, frame.dataAt + 1)
    } else if (file[at] === EXTENSION) {
      const label = file[at + 1]
      if (label === GRAPHIC_CONTROL && at + 7 < file.length) control = readControl(file, at)
      if (label === APPLICATION) loopAt = findLoop(file, at) ?? loopAt
      at = endOfBlocks(file, at + 2)
    } else return undefined
    if (at > file.length) return undefined
  }
  if (frames.length === 0) return undefined
  return { width: file.readUInt16LE(6), height: file.readUInt16LE(8), loopAt, frames }
}

function readControl(file: Buffer, at: number): GraphicControl {
  const flags = file[at + 3]!
  return {
    transparentIndex: (flags & 1) === 1 ? file[at + 6] : undefined,
    disposal: (flags >> 2) & 7,
    delayAt: at + 4,
  }
}

function readFrame(file: Buffer, at: number, global: Uint8Array, control: GraphicControl): GifFrame {
  const local = readPalette(file, at + 9, at + FRAME_DESCRIPTOR_BYTES)
  return {
    left: file.readUInt16LE(at + 1),
    top: file.readUInt16LE(at + 3),
    width: file.readUInt16LE(at + 5),
    height: file.readUInt16LE(at + 7),
    isInterlaced: (file[at + 9]! & 0x40) !== 0,
    palette: local.length > 0 ? local : global,
    ...control,
    dataAt: at + FRAME_DESCRIPTOR_BYTES + local.length,
  }
}

/** Returns the colour table that flags announce; empty if they announce none. */
function readPalette(file: Buffer, flagsAt: number, start: number): Uint8Array {
  const flags = file[flagsAt]!
  return (flags & 0x80) === 0 ? new Uint8Array() : file.subarray(start, start + 3 * 2 ** ((flags & 7) + 1))
}

/** Returns the position of the loop count in an application extension; undefined if it is another one. */
function findLoop(file: Buffer, at: number): number | undefined {
  const name = file.toString('latin1', at + 3, at + 14)
  const isLoop =
    (name === 'NETSCAPE2.0' || name === 'ANIMEXTS1.0') && file[at + 14] === 3 && file[at + 15] === 1
  return isLoop && at + 18 < file.length ? at + 16 : undefined
}

/** Returns the position behind sub-blocks; beyond the end of the file if they are cut off. */
function endOfBlocks(file: Buffer, from: number): number {
  let at = from
  while (at < file.length && file[at] !== 0) at += file[at]! + 1
  return at + 1
}
