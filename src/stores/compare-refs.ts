/** Characters that UTF-16 orders otherwise than UTF-8 does, if one of the texts has them. */
const ORDERED_OTHERWISE = /[\ud800-\uffff]/

/** Orders refs by their UTF-8 bytes, as S3 lists keys. */
export function compareRefs(a: string, b: string): number {
  if (ORDERED_OTHERWISE.test(a) || ORDERED_OTHERWISE.test(b)) {
    return Buffer.compare(Buffer.from(a), Buffer.from(b))
  }
  return a < b ? -1 : Number(a > b)
}
