import type { Keep } from '../keep.js'
import { splitArtists, type WrittenTexts } from '../written.js'
import { APPLICATION, DATASET, decodeText, openIptc } from './read-iptc.js'
import { writeRecords, type IptcRecord } from './records.js'

/** Coded Character Set, and the sequence that stands for UTF-8. (IPTC IIM 4.2, section 1:90) */
const CHARACTER_SET: IptcRecord = { record: 1, dataset: 90, value: Buffer.from([0x1b, 0x25, 0x47]) }
/** Version 4 of the application record. */
const VERSION: IptcRecord = { record: APPLICATION, dataset: 0, value: Buffer.from([0, 4]) }

/**
 * Texts about the picture. Left out are the image's type and orientation (130, 131), which an output may not have, the drawing
 * of the caption (125), sounds (150 to 154), previews (200 to 202), and what programs add for themselves.
 */
// oxfmt-ignore
const DESCRIBING: ReadonlySet<number> = new Set([
  3, 4, 5, 7, 8, 10, 12, 15, 20, 22, 25, 26, 27, 30, 35, 37, 38, 40, 42, 45, 47, 50, 55, 60, 62, 63, 65, 70, 75, 80, 85, 90,
  92, 95, 100, 101, 103, 105, 110, 115, 116, 118, 120, 121, 122, 135,
])
const CREDITING: ReadonlySet<number> = new Set([
  DATASET.byLine,
  DATASET.byLineTitle,
  DATASET.credit,
  DATASET.source,
  DATASET.copyright,
])

/** Bytes that a data set holds at most. (IPTC IIM 4.2, chapter 6) */
const MAX_BYTES: ReadonlyMap<number, number> = new Map([
  [DATASET.byLine, 32],
  [DATASET.credit, 32],
  [DATASET.copyright, 128],
  [DATASET.caption, 2000],
])

/** IPTC of an output. */
export interface SelectedIptc {
  /** The data sets as bytes. */
  readonly iptc: Buffer
  /** True if it holds texts of the source. */
  readonly isKept: boolean
  /** True if a text was too long and was cut off. */
  readonly isCut: boolean
}

/** Selects texts of the source, and adds those that are written, all in UTF-8. Returns undefined if there are none. */
export function selectIptc(
  source: Uint8Array | undefined,
  { iptc, copyright }: Pick<Keep, 'iptc' | 'copyright'>,
  written: WrittenTexts,
): SelectedIptc | undefined {
  const added = toDataSets(written)
  const replaced = new Set(added.map(([dataset]) => dataset))
  const wanted = iptc ? DESCRIBING : copyright ? CREDITING : new Set<number>()
  const kept = (source === undefined ? [] : openIptc(source)).flatMap(({ record, dataset, value }) => {
    if (record !== APPLICATION || !wanted.has(dataset) || replaced.has(dataset)) return []
    const text = decodeText(value)
    return text === '' ? [] : [toRecord(dataset, text)]
  })
  const cut = added.map(([dataset, text]) => toRecord(dataset, cutOff(text, MAX_BYTES.get(dataset))))
  if (kept.length + cut.length === 0) return undefined
  return {
    iptc: writeRecords([CHARACTER_SET, VERSION, ...kept, ...cut]),
    isKept: kept.length > 0,
    isCut: cut.some(({ value }, index) => value.length < Buffer.byteLength(added[index]![1])),
  }
}

function toDataSets({ artist, copyright, description, credit }: WrittenTexts) {
  const texts: readonly (readonly [dataset: number, text: string | undefined])[] = [
    ...(artist === undefined ? [] : splitArtists(artist).map((name) => [DATASET.byLine, name] as const)),
    [DATASET.copyright, copyright],
    [DATASET.caption, description],
    [DATASET.credit, credit],
  ]
  return texts.flatMap(([dataset, text]) => (text === undefined ? [] : [[dataset, text] as const]))
}

function toRecord(dataset: number, text: string): IptcRecord {
  return { record: APPLICATION, dataset, value: Buffer.from(text) }
}

/** Cuts a text between two characters. */
function cutOff(text: string, bytes = Infinity): string {
  let length = 0
  let kept = ''
  for (const character of text) {
    length += Buffer.byteLength(character)
    if (length > bytes) return kept
    kept += character
  }
  return kept
}
