import { ImgprocError } from '../../errors.js'
import { isPipe } from '../../paths/location.js'
import { toList } from '../../utils/to-list.js'
import type { RunOptions } from '../../run/options.js'

/** Which standard streams are terminals. */
export interface Terminals {
  readonly stdin: boolean
  readonly stdout: boolean
}

/**
 * Checks that no image is read from or written to a terminal.
 *
 * @throws ImgprocError INVALID_USAGE
 */
export function checkTerminals({ inputs = [], out = '' }: RunOptions, { stdin, stdout }: Terminals): void {
  if (stdin && toList(inputs).some((input) => isPipe(input))) {
    throw createUsageError(
      'The input - reads an image from stdin, which is a terminal. Redirect a file, as in: imgproc run - … < photo.jpg',
    )
  }
  if (stdout && isPipe(out)) {
    throw createUsageError(
      'Refusing to write an image to the terminal. Redirect stdout to a file or a pipe, or name a file: -o photo.webp',
    )
  }
}

function createUsageError(message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
