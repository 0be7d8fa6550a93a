import { sharp } from '../../sharp.js'
import type { PixelOperation } from '../passes/plan-passes.js'
import type { PassOptions } from '../passes/types.js'

/** Returns true for an operation that lays something over the picture, as opaque as its alpha says. */
export function isOverlay({ name, params }: PixelOperation): boolean {
  return name === 'watermark' && (params as { blend: string }).blend === 'over' // validated by the operation
}

/** Returns an overlay in the colour that leaves the picture below as bright as it is. */
export function inNeutralColour(operation: PixelOperation, neutral: readonly number[]): PixelOperation {
  const { op, params } = operation
  const colour = toColour(neutral)
  return { ...operation, op: { ...op, addsColor: () => colour }, params: { ...Object(params), colour } }
}

/** Returns options of a pass whose overlay images have that colour, and their own alpha. */
export function readNeutral({ read }: PassOptions, neutral: readonly number[]): Pick<PassOptions, 'read'> {
  return {
    read: async (ref) => {
      const overlay = sharp(await read(ref), { autoOrient: true }).ensureAlpha()
      const { data, info } = await overlay
        .extractChannel('alpha')
        .toColourspace('b-w')
        .raw()
        .toBuffer({ resolveWithObject: true })
      const { width, height } = info
      const create = { width, height, channels: 3, background: toColour(neutral) } as const
      return sharp({ create })
        .joinChannel(data, { raw: { width, height, channels: 1 } })
        .png({ compressionLevel: 0 })
        .toBuffer()
    },
  }
}

function toColour([red = 0, green = red, blue = red]: readonly number[]): string {
  return `rgb(${red}, ${green}, ${blue})`
}
