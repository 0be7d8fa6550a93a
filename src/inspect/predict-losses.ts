import type { OpenImage } from '../image/open-image.js'
import { factsOf } from '../image/output-formats.js'
import { isSrgb } from '../metadata/icc-profile.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { allOps } from '../plan/expand-presets.js'
import type { PresetRecipe } from '../plan/types.js'
import { findObstacle } from '../render/gain-map/keep-gain-map.js'
import { planOutput } from '../render/render-rendition.js'
import { recipeOf } from '../render/recipe.js'
import type { Inspection, Loss, LossKind } from './types.js'

type Facts = Pick<Inspection, 'color' | 'animation' | 'pages' | 'metadata' | 'format'>

/** Losses of an output in words, by kind. */
type Losses = ReadonlyMap<LossKind, string>

/**
 * Returns what the outputs of a preset would lack, without making them. A loss that only some of its formats have names
 * these.
 *
 * @throws ImgprocError INVALID_OPERATION for invalid operations.
 */
export function predictLosses(image: OpenImage, facts: Facts, preset: PresetRecipe): readonly Loss[] {
  const { formats = [] } = preset
  const ops = allOps(preset)
  const lists = formats.length === 0 ? [ops] : formats.map((format) => [...ops, { format }])
  const outputs = lists.map((list) => lossesOf(image, facts, list))
  const kinds = new Map(outputs.flatMap(({ losses }) => [...losses]))
  return [...kinds].map(([kind, text]) => {
    const losing = outputs.filter(({ losses }) => losses.has(kind))
    return {
      kind,
      text,
      ...(losing.length < outputs.length && { formats: losing.map(({ format }) => format) }),
    }
  })
}

function lossesOf(
  image: OpenImage,
  { color, animation, pages, metadata, format: source }: Facts,
  ops: readonly ImageOp[],
): { readonly format: string; readonly losses: Losses } {
  const { format, animated, keep, picture, pixels } = planOutput(image, recipeOf(ops))
  const holds = factsOf(format)
  const { metadata: stored } = image
  const isGif = format.type === 'gif'
  const holdsIptc = format.type === 'jpeg' || format.type === 'tiff'
  const keepsMap = keep.gainmap && format.type === 'jpeg' && findObstacle(pixels, picture) === undefined
  const found: readonly (readonly [LossKind, string | false | undefined])[] = [
    [
      'animation',
      animation !== undefined && !animated && `${animation.frames - 1} of ${animation.frames} frames`,
    ],
    ['pages', pages !== undefined && `${pages - 1} of ${pages} pages`],
    ['vectors', source === 'svg' && 'vectors: it becomes pixels'],
    ['hdr', describeHdr(color.hdr, keepsMap)],
    ['transparency', color.alpha && !holds.alpha && 'transparency: the background becomes white'],
    ['depth', color.bits > 8 && !holds.deep && `${color.bits} bits a channel become 8`],
    ['gamut', describeGamut(stored.icc, color, keep.icc)],
    ['exif', metadata.exif !== undefined && describeExif(keep.exif && !isGif, keep.copyright && !isGif)],
    ['position', metadata.hasPosition && (!keep.gps || isGif) && 'the position'],
    ['xmp', stored.xmp !== undefined && !keep.xmp && describePartly('XMP', keep.copyright)],
    [
      'iptc',
      stored.iptc !== undefined &&
        !(keep.iptc && holdsIptc) &&
        describePartly('IPTC', keep.copyright && holdsIptc),
    ],
    [
      'credentials',
      image.hasCredentials === true && 'Content Credentials (C2PA), which only the unchanged file may carry',
    ],
  ]
  const losses = new Map(found.flatMap(([kind, text]) => (text ? [[kind, text] as const] : [])))
  return { format: format.type, losses }
}

function describeHdr(hdr: Facts['color']['hdr'], keepsMap: boolean): string | undefined {
  if (hdr === undefined || (hdr === 'gain map' && keepsMap)) return undefined
  return hdr === 'gain map'
    ? 'HDR: the gain map'
    : `HDR (${hdr.toUpperCase()}): it becomes as bright as common screens`
}

function describeExif(keepsAll: boolean, keepsCopyright: boolean): string | undefined {
  return keepsAll ? undefined : describePartly('EXIF', keepsCopyright)
}

function describePartly(name: string, keepsCopyright: boolean): string {
  return keepsCopyright ? `${name}, but for author and copyright` : name
}

/** Colours are converted to sRGB if the profile is not kept. */
function describeGamut(
  icc: Uint8Array | undefined,
  { profile, space }: Facts['color'],
  isKept: boolean,
): string | undefined {
  if (isKept) return undefined
  if (space === 'cmyk') return 'CMYK: it becomes sRGB'
  if (icc === undefined || space === 'b-w' || isSrgb(icc)) return undefined
  return `colours of ${profile ?? 'the profile'} beyond sRGB`
}
