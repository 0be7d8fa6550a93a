import { ImgprocError } from '../../errors.js'

/** Places for images that arrive, before they wait. */
export interface Places {
  /** Takes a place. Call the returned function to give it back. Throws OVERLOADED if there is none. */
  readonly take: () => () => void
}

/**
 * Creates the places of a queue.
 *
 * @param isFull returns true if no more may arrive.
 * @param size images that may wait, for the message.
 */
export function createPlaces(isFull: (taken: number) => boolean, size: number): Places {
  let taken = 0
  return {
    take() {
      if (isFull(taken)) {
        const message = `${size} images are waiting already. Send this one again in a moment.`
        throw new ImgprocError('OVERLOADED', message, { stage: 'usage' })
      }
      taken++
      let isInside = true
      return () => {
        if (isInside) taken--
        isInside = false
      }
    },
  }
}
