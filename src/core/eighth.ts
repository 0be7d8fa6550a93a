import type { OpName } from '../ops/image-op.js'
import type { PlannedPass } from './passes.js'
import type { OpenImage } from './source.js'

/**
 * What may share a pass with a scaling and leaves it to the decoder to shrink. A crop doesn't: sharp then turns the
 * picture by its EXIF orientation first, at full size.
 */
const LEAVES_SHRINKING: ReadonlySet<OpName> = new Set<OpName>([
  'blur',
  'clahe',
  'contrast',
  'flip',
  'flop',
  'median',
  'modulate',
  'negate',
  'normalize',
  'pad',
  'rotate',
  'sharpen',
  'threshold',
  'tint',
])

/** The bytes of a source as a first pass needs them: a progressive JPEG that is decoded at 1/8 is cut to that. */
export function bytesFor(pass: PlannedPass, image: OpenImage, bytes: Uint8Array): Uint8Array {
  return isDecodedAtEighth(pass, image) ? (image.options.cutJpeg?.(bytes) ?? bytes) : bytes
}

/**
 * Whether sharp is certain to have a JPEG decoded at 1/8, which it decides by the lesser of the two factors that the
 * picture shrinks by (src/pipeline.cc, `jpegShrinkOnLoad`): from 9 on, since at 8 and a fraction libjpeg might round
 * to too few pixels. Colours of ink and gain maps keep it from shrinking, and so does a colour space for the pass.
 */
function isDecodedAtEighth({ steps, from, inColour }: PlannedPass, image: OpenImage): boolean {
  const { metadata, format, options } = image
  const [scaling, ...others] = steps
  if (format !== 'jpeg' || !metadata.isProgressive || metadata.gainMap !== undefined) return false
  // A warning of what is cut off would be missed.
  if (options.failOn === 'warning' || from.space === 'cmyk' || inColour) return false
  const name = scaling?.operation.name
  if (scaling === undefined || (name !== 'resize' && name !== 'thumbnail')) return false
  const { from: before, to } = scaling
  return (
    before.width >= to.width * 9 &&
    before.height >= to.height * 9 &&
    others.every(({ operation }) => LEAVES_SHRINKING.has(operation.name))
  )
}
