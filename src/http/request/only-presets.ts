import { ImgprocError } from '../../errors.js'
import { bareFormatOf, type FindPreset } from './compose-recipe.js'
import { formatsOf } from './preset-rendition.js'
import type { Query, Step } from './query.js'

/**
 * Throws ACCESS_DENIED if a query asks for more than presets: for an operation, the file itself, or a width or format that no
 * preset of it lists. Otherwise anybody could make the server compute, and store, any number of pictures.
 */
export function checkOnlyPresets({ steps, dpr }: Query, find: FindPreset): void {
  const presets = steps.flatMap((step) => (step.kind === 'preset' ? [find(step.name)] : []))
  if (presets.length === 0) throw createRefusal('The request names no preset.')
  const hasWidths = presets.some(({ widths }) => widths !== undefined)
  const formats = presets.flatMap(formatsOf)
  const isListed = (step: Step) => {
    if (step.kind === 'width') return hasWidths
    const type = bareFormatOf(step)
    return type === 'auto' ? formats.length > 0 : type !== undefined && formats.includes(type)
  }
  for (const step of steps) {
    if (step.kind === 'preset' || isListed(step)) continue
    throw createRefusal(`The request has ${nameOf(step)}, which its preset does not list.`)
  }
  if (typeof dpr === 'number' && !hasWidths)
    throw createRefusal('The request has dpr, but its preset has no widths.')
}

function nameOf(step: Step): string {
  return step.kind === 'operation' ? (Object.keys(step.op)[0] ?? step.kind) : step.kind
}

function createRefusal(reason: string): ImgprocError {
  const advice =
    'This server makes presets only: use ?preset=NAME, and define what you need as a preset of the config.'
  return new ImgprocError('ACCESS_DENIED', `${reason} ${advice}`, { stage: 'usage' })
}
