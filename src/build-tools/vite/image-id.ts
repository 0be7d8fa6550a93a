import type { Request } from '../types.js'

/** An import of a picture: its file, preset and settings. */
export interface ImageImport extends Request {
  /** Module that is one string of the `<img>`, instead of the picture. */
  readonly as: 'src' | 'srcset' | undefined
  readonly sizes: string | undefined
  readonly placeholder: 'thumbhash' | 'palette' | undefined
}

/** Returns true for the id of an import with a preset, such as `./hero.jpg?preset=hero`. */
export function isImageId(id: string): boolean {
  return /^[^\0?]*\?(?:[^#]*&)?preset=/.test(id)
}

/** Splits an id into the path and the query after `?`. */
export function splitId(id: string): [path: string, query: string] {
  const at = id.indexOf('?')
  return at < 0 ? [id, ''] : [id.slice(0, at), id.slice(at + 1)]
}

/** Reads a resolved id. Values that are none count as not given; pictureData complains of a wrong placeholder. */
export function parseImageId(id: string): ImageImport {
  const [file, text] = splitId(id)
  const query = new URLSearchParams(text)
  const as = query.get('as')
  return {
    file,
    preset: query.get('preset') ?? '',
    as: as === 'src' || as === 'srcset' ? as : undefined,
    sizes: query.get('sizes') ?? undefined,
    placeholder: (query.get('placeholder') ?? undefined) as ImageImport['placeholder'],
  }
}
