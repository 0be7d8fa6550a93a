import type { Metadata } from 'sharp'
import { readJxl, toMetadata } from '../jxl/read-header.js'
import { sharp } from '../sharp.js'

/** Reads the header of an encoded file. That of a JPEG XL does not tell the number of frames. */
export async function readOutput(data: Uint8Array): Promise<Metadata> {
  const jxl = readJxl(data)
  return jxl === undefined || jxl === 'damaged'
    ? sharp(data, { limitInputPixels: false }).metadata()
    : toMetadata(jxl)
}
