/** Sizes of the place that an image is shown in, as the client tells. */
export interface ClientHints {
  /** Pixels of the screen for each CSS pixel. */
  readonly dpr: number | undefined
  /** Pixels of the screen that the image takes, in width. */
  readonly width: number | undefined
  /** CSS pixels of the window, in width. */
  readonly viewportWidth: number | undefined
}

/** Value of `Accept-CH`: the hints that the server uses. */
export const ACCEPT_CH = 'Sec-CH-DPR, Sec-CH-Width, Sec-CH-Viewport-Width'

/** Each width is an output of its own, so widths are rounded up to a multiple of this. */
const WIDTH_STEP = 64
const DPR_STEP = 0.5
const MAX_DPR = 4
const MAX_WIDTH = 8192

/** Reads the client hints of a request. Hints that are no positive numbers count as absent. */
export function readClientHints(headers: Headers): ClientHints {
  const dpr = readNumber(headers, 'sec-ch-dpr')
  const viewportWidth = readNumber(headers, 'sec-ch-viewport-width')
  const width = readNumber(headers, 'sec-ch-width')
  return {
    dpr: dpr && Math.min(Math.max(roundUp(dpr, DPR_STEP), 1), MAX_DPR),
    width: width && roundWidth(width),
    viewportWidth: viewportWidth && roundWidth(viewportWidth),
  }
}

/** Rounds a width up to a step, so that few widths are made. */
export function roundWidth(width: number): number {
  return Math.min(roundUp(width, WIDTH_STEP), MAX_WIDTH)
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step
}

function readNumber(headers: Headers, name: string): number | undefined {
  const number = Number(headers.get(name) ?? NaN)
  return number > 0 && Number.isFinite(number) ? number : undefined
}
