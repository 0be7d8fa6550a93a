/** A frame of an animation, and how it changes the canvas. */
export interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** RGBA, not premultiplied. */
  readonly pixels: Uint8Array
  /** True if it is blended over the canvas; false if it replaces its area. */
  readonly blends: boolean
  /** State of its area after it was shown. */
  readonly disposal: 'keep' | 'background' | 'previous'
}

/** Draws frames on a canvas, which is transparent at first. */
export interface Canvas {
  /** Draws a frame, and returns the RGBA pixels of the canvas. They change with the next frame. */
  readonly show: (frame: Frame) => Uint8Array
}

/**
 * Creates a canvas that composes the frames of an animation as browsers do: uncovered and disposed areas are transparent,
 * whatever the background colour of the file. Parts of a frame outside the canvas are cut off.
 */
export function createCanvas(width: number, height: number): Canvas {
  const pixels = new Uint8Array(width * height * 4)
  let dispose: (() => void) | undefined
  return {
    show(frame) {
      dispose?.()
      const rows = visibleRows(frame, width, height)
      const before =
        frame.disposal === 'previous' ? rows.map(({ to, bytes }) => pixels.slice(to, to + bytes)) : []
      dispose = () => {
        for (const [index, { to, bytes }] of rows.entries()) {
          if (frame.disposal === 'background') pixels.fill(0, to, to + bytes)
          if (frame.disposal === 'previous') pixels.set(before[index]!, to)
        }
      }
      for (const { from, to, bytes } of rows) {
        if (frame.blends) blend(frame.pixels, from, pixels, to, bytes)
        else pixels.set(frame.pixels.subarray(from, from + bytes), to)
      }
      return pixels
    },
  }
}

/** A row of a frame inside the canvas: its positions in the frame and in the canvas, and its length in bytes. */
interface Row {
  readonly from: number
  readonly to: number
  readonly bytes: number
}

function visibleRows({ left, top, ...frame }: Frame, width: number, height: number): Row[] {
  const bytes = Math.min(frame.width, width - left) * 4
  const count = bytes <= 0 ? 0 : Math.max(0, Math.min(frame.height, height - top))
  return Array.from({ length: count }, (_, y) => ({
    from: y * frame.width * 4,
    to: ((top + y) * width + left) * 4,
    bytes,
  }))
}

/** Blends pixels over others (Porter and Duff, "Compositing digital images", 1984: over), rounded to the nearest value. */
function blend(source: Uint8Array, from: number, canvas: Uint8Array, to: number, bytes: number): void {
  for (let at = 0; at < bytes; at += 4) {
    const [s, c] = [from + at, to + at]
    const alpha = source[s + 3]!
    if (alpha === 0) continue
    if (alpha === 255 || canvas[c + 3] === 0) {
      canvas[c] = source[s]!
      canvas[c + 1] = source[s + 1]!
      canvas[c + 2] = source[s + 2]!
      canvas[c + 3] = alpha
      continue
    }
    const [over, under] = [alpha * 255, canvas[c + 3]! * (255 - alpha)]
    const sum = over + under
    for (let channel = 0; channel < 3; channel++)
      canvas[c + channel] = Math.round((source[s + channel]! * over + canvas[c + channel]! * under) / sum)
    canvas[c + 3] = Math.round(sum / 255)
  }
}
