import type { Sharp } from 'sharp'
import type { OpContext, Rgb } from './define-operation.js'
import { sharp } from '../sharp.js'
import { isNeutral, isTranslucent, toSharpColour } from './parameters.js'

/** sharp's names for the colours of its operations. */
type BackgroundName =
  | 'flattenBackground'
  | 'extendBackground'
  | 'rotationBackground'
  | 'resizeBackground'
  | 'tint'
  | 'trimBackground'
  | 'affineBackground'

/** sharp's own record of its options, which its types leave out. Backgrounds are red, green, blue and alpha up to 255. */
type WithOptions = Sharp & { readonly options: Partial<Record<BackgroundName, readonly number[]>> }

/**
 * Converts a background that was passed to sharp to the colours and depth of the picture.
 *
 * sharp multiplies backgrounds by 256 for 16 bits, so white would be 65280, and its methods accept no larger numbers.
 */
export function fitBackground(image: Sharp, name: BackgroundName, { from, fromSrgb }: OpContext): Sharp {
  const { options } = image as WithOptions
  const background = options[name]
  if (background === undefined || (from.depth === 8 && fromSrgb === undefined)) return image
  const toNumber = (value: number) =>
    from.depth === 16 ? Math.round(value * 65535) / 256 : Math.round(value * 255)
  const [red, green, blue, ...alpha] = background.map((value) => value / 255)
  const colour: Rgb = [red!, green!, blue!]
  options[name] = [
    ...(fromSrgb?.(colour) ?? colour).map(toNumber),
    // If sharp adds the alpha, `completeAlpha` scales it.
    ...alpha.map((value) => (from.alpha ? toNumber(value) : value * 255)),
  ]
  return image
}

/** Returns the red, green and blue of a colour. */
export function readColour(text: string): Rgb {
  const { options } = sharp().flatten({ background: toSharpColour(text) }) as WithOptions
  const [red = 0, green = 0, blue = 0] = options.flattenBackground ?? []
  return [red / 255, green / 255, blue / 255]
}

/** Returns true if sharp adds alpha to an opaque 16-bit picture for a background. It then needs `completeAlpha`. */
export function addsDeepAlpha(background: string, { alpha, depth }: OpContext['from']): boolean {
  return depth === 16 && !alpha && isTranslucent(background)
}

/** Makes a 16-bit picture opaque again that got its alpha from sharp for a background: sharp sets it to 65280. */
export function completeAlpha(image: Sharp, background: string, { from }: OpContext): Sharp {
  if (!addsDeepAlpha(background, from)) return image
  const colours = from.space === 'grey' && isNeutral(background) ? [1] : [1, 1, 1]
  return image.linear(
    [...colours, 257 / 256],
    [...colours, 0].map(() => 0),
  )
}
