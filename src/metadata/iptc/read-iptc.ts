import type { Credit } from '../xmp/credit.js'
import { findIptc } from './image-resources.js'
import { readRecords, type IptcRecord } from './records.js'

/** The record that describes the picture. (IPTC IIM 4.2, chapter 6) */
export const APPLICATION = 2
/** Data sets of the application record. */
export const DATASET = {
  title: 5,
  byLine: 80,
  byLineTitle: 85,
  headline: 105,
  credit: 110,
  source: 115,
  copyright: 116,
  caption: 120,
} as const

/** A text of the application record. */
export interface IptcText {
  readonly dataset: number
  readonly text: string
}

/** Reads By-line and Copyright Notice. */
export function readIptcCredit(iptc: Uint8Array): Credit {
  const texts = readIptcTexts(iptc)
  const of = (wanted: number) => texts.filter(({ dataset }) => dataset === wanted).map(({ text }) => text)
  return { artist: of(DATASET.byLine).join('; ') || undefined, copyright: of(DATASET.copyright)[0] }
}

/** Reads the texts of the application record, in their order, without empty ones. */
export function readIptcTexts(iptc: Uint8Array): readonly IptcText[] {
  return openIptc(iptc).flatMap(({ record, dataset, value }) => {
    const text = record === APPLICATION ? decodeText(value) : ''
    return text === '' ? [] : [{ dataset, text }]
  })
}

/** Reads the data sets of IPTC, or of the Photoshop resources that hold it. */
export function openIptc(iptc: Uint8Array): readonly IptcRecord[] {
  return readRecords(findIptc(Buffer.from(iptc.buffer, iptc.byteOffset, iptc.byteLength)))
}

/** Decodes UTF-8, else Latin-1: programs write both, and often do not say which. */
export function decodeText(bytes: Buffer): string {
  const utf8 = bytes.toString('utf8')
  return (utf8.includes('\uFFFD') ? bytes.toString('latin1') : utf8).replace(/\0+$/, '').trim()
}
