import type { Sharp } from 'sharp'
import { z } from 'zod'
import { defineOp, type OpContext } from '../../define-operation.js'
import type { Picture, Size } from '../../../picture.js'
import { cover, moveThroughCover, takeCoverSlot } from '../../cover.js'
import { moveInto, type FocalRegion } from '../../focal.js'
import { colour, isTranslucent, length, toSharpColour } from '../../parameters.js'
import { focusOriginOf, isGravity, isSearched, position } from '../../position.js'
import { inPixels, largestOfAspect, placeBox, sameSize, scaleSize, wouldEnlarge } from '../../geometry.js'
import { freezeSearch } from '../../fix-animation-crop.js'
import { completeAlpha, fitBackground } from '../../background.js'
import { SLOT, takeSlot, takeWholePass } from '../../sharp-order.js'

const params = () =>
  z
    .strictObject({
      width: length().optional().describe('Width in pixels or per cent of the picture.'),
      height: length().optional().describe('Height in pixels or per cent of the picture.'),
      fit: z
        .enum(['cover', 'contain', 'fill', 'inside', 'outside'])
        .default('cover')
        .describe(
          'How to fit width and height, as in CSS `object-fit`. If only one is given, the other follows.',
        ),
      position: position()
        .default('centre')
        .describe('Part that `cover` keeps, or place of the picture in `contain`.'),
      background: colour().default('transparent').describe('Fill colour for `contain`.'),
      kernel: z
        .enum(['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3', 'mks2013', 'mks2021'])
        .default('lanczos3')
        .describe('Interpolation kernel.'),
      enlarge: z.boolean().default(false).describe('Allows enlarging the picture.'),
    })
    .refine((to) => to.width !== undefined || to.height !== undefined, { error: 'a width, a height or both' })
    .refine((to) => to.fit !== 'contain' || isGravity(to.position), {
      error: 'an edge or corner if fit is contain',
      path: ['position'],
    })

type Params = z.output<ReturnType<typeof params>>

/** Returns the requested width and height in pixels. */
function requestedSize({ width, height }: Params, from: Size): Partial<Size> {
  return {
    ...(width !== undefined && { width: Math.max(1, inPixels(width, from.width)) }),
    ...(height !== undefined && { height: Math.max(1, inPixels(height, from.height)) }),
  }
}

function target(params: Params, from: Picture): Size {
  const { width, height } = requestedSize(params, from)
  const mayEnlarge = params.enlarge || from.vector
  if (width === undefined || height === undefined || params.fit === 'inside' || params.fit === 'outside') {
    const factors = [width && width / from.width, height && height / from.height].filter(
      (f) => f !== undefined,
    )
    const factor = params.fit === 'outside' ? Math.max(...factors) : Math.min(...factors)
    return factor >= 1 && !mayEnlarge ? sizeOf(from) : scaleSize(from, factor)
  }
  const box = { width, height }
  if (mayEnlarge || params.fit === 'contain' || !wouldEnlarge(from, box)) return box
  if (params.fit === 'cover') return largestOfAspect(width / height, from)
  return { width: Math.min(width, from.width), height: Math.min(height, from.height) }
}

function sizeOf({ width, height }: Size): Size {
  return { width, height }
}

function isPercent(text: string): text is `${number}%` {
  return text.endsWith('%')
}

/** Returns true if both sizes are given and met by cropping or filling. */
function usesCanvas(params: Params): boolean {
  return (
    params.width !== undefined &&
    params.height !== undefined &&
    (params.fit === 'cover' || params.fit === 'contain')
  )
}

function covers(params: Params): boolean {
  return usesCanvas(params) && params.fit === 'cover'
}

/** Returns the place of a region after the scaling and its crop or border. */
function move(
  params: Params,
  region: FocalRegion,
  from: Picture,
  focus: readonly FocalRegion[] | undefined,
): FocalRegion | undefined {
  const to = target(params, from)
  if (covers(params)) return moveThroughCover(region, params.position, { from, to, focus })
  if (!usesCanvas(params) || !isGravity(params.position)) return region
  const factor = Math.min(to.width / from.width, to.height / from.height)
  const scaled = scaleSize(from, params.enlarge || from.vector ? factor : Math.min(1, factor))
  const { left, top } = placeBox(scaled, to, params.position)
  return moveInto(region, scaled, { left: -left, top: -top, width: to.width, height: to.height })
}

export const resize = defineOp({
  name: 'resize',
  summary: 'Resizes the picture to a width, a height or both.',
  params,
  shorthand: {
    schema: () =>
      z.union([length(), z.templateLiteral([z.int(), 'x', z.int()]), z.templateLiteral(['x', z.int()])], {
        error: 'a size such as 800, 800x600, x600 or 50%',
      }),
    read(text) {
      if (typeof text === 'number') return { width: text }
      if (isPercent(text)) return { width: text, height: text, fit: 'fill' } as const
      const [width, height] = text.split('x')
      return { ...(width && { width: Number(width) }), ...(height && { height: Number(height) }) }
    },
  },
  example: '800x600',
  size: target,
  isNoop: (params, from) => sameSize(target(params, from), from),
  place(params, pass) {
    if (!usesCanvas(params)) return takeSlot(pass, SLOT.scale)
    return params.fit === 'contain' ? takeWholePass(pass) : takeCoverSlot(pass, params.position)
  },
  scales: (params) => (usesCanvas(params) ? undefined : params.kernel),
  covers(params) {
    const { fit, kernel, position: at } = params
    const isPlain = fit === 'cover' && kernel === 'lanczos3' && usesCanvas(params)
    return isPlain && isGravity(at) ? at : undefined
  },
  keepsInk: (params) => !usesCanvas(params) || params.fit !== 'contain',
  focusOrigin: (params) => (covers(params) ? focusOriginOf(params.position) : undefined),
  moveRegion: move,
  apply: scale,
  freezeForAnimation: (params) =>
    usesCanvas(params) && isSearched(params.position)
      ? freezeSearch((image, context) => scale(image, params, context))
      : undefined,
  changesPicture: (params) => ({
    ...(params.fit === 'contain' &&
      usesCanvas(params) &&
      isTranslucent(params.background) && { alpha: true }),
  }),
  addsColor: (params) => (params.fit === 'contain' && usesCanvas(params) ? params.background : undefined),
})

function scale(image: Sharp, params: Params, context: OpContext): Sharp {
  const { from, to } = context
  const { kernel, position: at, fit, enlarge } = params
  if (!usesCanvas(params)) return image.resize({ ...to, fit: 'fill', kernel })
  if (fit === 'cover') return cover(image, at, context, kernel)
  const background = toSharpColour(params.background)
  const withoutEnlargement = !enlarge && !from.vector
  const resized = image.resize({
    ...to,
    fit,
    position: isGravity(at) ? at : 'centre',
    kernel,
    background,
    withoutEnlargement,
  })
  return completeAlpha(fitBackground(resized, 'resizeBackground', context), params.background, context)
}
