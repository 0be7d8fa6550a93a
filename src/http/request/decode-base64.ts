import { createRequestError } from './body-errors.js'

const FOREIGN = /[^A-Za-z0-9+/\-_]/
const DATA_URL = /^data:[^,]{0,100};base64,/i

/**
 * Decodes base64, also with the URL-safe alphabet, without padding, broken into lines, or as a data URL.
 *
 * @throws ImgprocError INVALID_USAGE with the position of the first wrong character, counted from 1.
 * @example
 * ```ts
 * decodeBase64('data:image/gif;base64,R0lGODlh') // the bytes of "GIF89a"
 * ```
 */
export function decodeBase64(text: string): Buffer {
  const start = DATA_URL.exec(text)?.[0].length ?? 0
  const digits = text.slice(start).replaceAll(/[\r\n]/g, '')
  const end = /={0,2}$/.exec(digits)?.index ?? digits.length
  const wrong = FOREIGN.exec(digits.slice(0, end))
  if (wrong !== null) throw createBase64Error(positionOf(text, start, wrong.index), wrong[0])
  // Four digits are three bytes. One digit alone holds none.
  if (end % 4 === 1 || (end < digits.length && digits.length % 4 !== 0)) {
    const message = `data is no base64: it is cut off at character ${text.length}, since its length does not fit. Send all of it.`
    throw createRequestError(message)
  }
  return Buffer.from(digits, 'base64')
}

/** Returns the position in the text, from 1, of a character that is counted without line breaks. */
function positionOf(text: string, start: number, index: number): number {
  let at = start
  for (let left = index; ; at++) {
    if (text[at] === '\r' || text[at] === '\n') continue
    if (left === 0) return at + 1
    left--
  }
}

function createBase64Error(position: number, found: string) {
  const message = `data is no base64: it has ${JSON.stringify(found)} at character ${position}. Use A-Z, a-z, 0-9, "+" and "/".`
  return createRequestError(message)
}
