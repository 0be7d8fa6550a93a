import sharp from 'sharp'
import { addExifToJpeg } from '../../src/metadata/containers/jpeg.js'

/** EXIF values that a camera writes besides the preview. */
interface CameraExif {
  readonly orientation?: number
  /** 1 is sRGB, 65535 is uncalibrated. */
  readonly colourSpace?: number
}

/** Adds a preview to a JPEG's EXIF, as cameras do: the second directory has its position. */
export function withPreview(
  jpeg: Buffer,
  preview: Buffer,
  { orientation = 1, colourSpace = 1 }: CameraExif = {},
): Buffer {
  const [SHORT, LONG] = [3, 4]
  const first = 8
  const photo = first + 2 + 2 * 12 + 4
  const second = photo + 2 + 12 + 4
  const data = second + 2 + 3 * 12 + 4
  const directories = [
    ...directory([[0x0112, SHORT, orientation], [0x8769, LONG, photo]], second), // prettier-ignore
    ...directory([[0xa001, SHORT, colourSpace]], 0),
    ...directory([[0x0103, SHORT, 6], [0x0201, LONG, data], [0x0202, LONG, preview.length]], 0), // prettier-ignore
  ]
  return addExifToJpeg(
    jpeg,
    Buffer.concat([Buffer.from('II*\0\u0008\0\0\0', 'latin1'), ...directories, preview]),
  )
}

function directory(
  entries: readonly (readonly [tag: number, type: number, value: number])[],
  next: number,
): Buffer[] {
  const bytes = Buffer.alloc(2 + entries.length * 12 + 4)
  bytes.writeUInt16LE(entries.length)
  for (const [index, [tag, type, value]] of entries.entries()) {
    const at = 2 + index * 12
    bytes.writeUInt16LE(tag, at)
    bytes.writeUInt16LE(type, at + 2)
    bytes.writeUInt32LE(1, at + 4)
    bytes.writeUInt32LE(value, at + 8)
  }
  bytes.writeUInt32LE(next, bytes.length - 4)
  return [bytes]
}

/** Creates a JPEG with another colour in each corner, which shows turns, and with noise, which makes the file large. */
export async function makePhoto(width: number, height: number, tint = '#000'): Promise<Buffer> {
  const colours = ['#c33', '#3c3', '#33c', '#cc3']
  const noise = await sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  })
    .composite(
      colours.map((fill, at) => ({
        input: { create: { width: width >> 1, height: height >> 1, channels: 4 as const, background: fill } },
        left: at % 2 === 0 ? 0 : width - (width >> 1),
        top: at < 2 ? 0 : height - (height >> 1),
        blend: 'soft-light' as const,
      })),
    )
    .png()
    .toBuffer()
  return sharp(noise).composite([{ input: Buffer.from(`<svg width="${width}" height="${height}"><circle r="${height >> 3}" cx="50%" cy="30%" fill="${tint}"/></svg>`) }]).jpeg({ quality: 90 }).toBuffer() // prettier-ignore
}
