/**
 * Returns two folders for a name whose first 12 hex digits are a time in milliseconds: the first for about 3 days, the second for 17 minutes.
 * So no folder has too many files, and those of one time stand together.
 *
 * @example
 * ```ts
 * timeFolders('019ac9e15c35…') // '019ac/9e'
 * ```
 */
export function timeFolders(hex: string): string {
  return `${hex.slice(0, 5)}/${hex.slice(5, 7)}`
}
