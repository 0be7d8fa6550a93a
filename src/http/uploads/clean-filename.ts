const MAX_LENGTH = 200

/** Extensions of formats, if their names differ. */
const EXTENSIONS: Readonly<Record<string, string | undefined>> = { jpeg: 'jpg', tiff: 'tif' }

/**
 * Returns the name of an upload as it is shown and offered for download: without folders, control characters and marks that
 * reverse text, and at most 200 characters long.
 *
 * @param name as the client gave it. @default `image` with the extension of its format
 * @example
 * ```ts
 * cleanFilename('C:\\photos\\a.jpg', 'jpeg') // 'a.jpg'
 * ```
 */
export function cleanFilename(name: string | undefined, format: string): string {
  const last = (name ?? '').split(/[/\\]/).at(-1) ?? ''
  // oxlint-disable-next-line no-control-regex -- a name may hold anything
  const clean = last.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
  // Half of a surrogate pair could not be sent.
  const shown = Buffer.from(clean).toString().trim().replace(/^\.+$/, '')
  return shown === '' ? `image.${EXTENSIONS[format] ?? format}` : shorten(shown)
}

/** Keeps the extension of a name that is too long. */
function shorten(name: string): string {
  const letters = Array.from(name)
  if (letters.length <= MAX_LENGTH) return name
  const extension = /\.[^.]{1,10}$/.exec(name)?.[0] ?? ''
  return letters.slice(0, MAX_LENGTH - extension.length).join('') + extension
}
