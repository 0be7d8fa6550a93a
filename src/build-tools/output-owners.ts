import { ImgprocError } from '../errors.js'
import { collisionKey } from '../paths/output-path.js'
import type { MadePicture, Request } from './types.js'

/** Outputs by the sources that have them. A run knows the sources of its own only. */
export interface OutputOwners {
  /** Returns the picture. Throws OUTPUT_COLLISION if another source has an output of the same path. */
  add(request: Request, made: MadePicture): MadePicture
}

export function createOwners(): OutputOwners {
  const owners = new Map<string, Request>()
  return {
    add(request, made) {
      for (const output of made.entry.outputs) {
        const key = collisionKey(`${made.folder}/${output.path}`)
        const owner = owners.get(key) ?? request
        if (owner.file !== request.file || owner.preset !== request.preset)
          throw createCollisionError(output.path, owner, request)
        owners.set(key, request)
      }
      return made
    },
  }
}

function createCollisionError(path: string, one: Request, other: Request): ImgprocError {
  const message = `${one.file} with the preset "${one.preset}" and ${other.file} with "${other.preset}" both have the output ${path}. Tell them apart by a path in the config, such as path: '{dir}/{name}-{srcext}.{preset}-{width}.{ext}'.`
  return new ImgprocError('OUTPUT_COLLISION', message, { stage: 'plan', path: other.file })
}
