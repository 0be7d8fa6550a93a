import type { Metadata } from 'sharp'

/** Facts about a picture whose header sharp does not read. */
export interface OwnHeader {
  /** The format's name, which may be none of sharp's. */
  readonly format: string
  readonly width: number
  readonly height: number
  /** Grey, grey with alpha, RGB, or RGB with alpha. */
  readonly channels: 1 | 2 | 3 | 4
  /** More than 8 bits a channel. @default false */
  readonly isDeep?: boolean | undefined
  /** Pictures in the file. @default 1 */
  readonly pages?: number | undefined
  /** The main one of them, from 0 on. @default 0 */
  readonly pagePrimary?: number | undefined
  readonly isPalette?: boolean | undefined
  readonly compression?: string | undefined
  readonly icc?: Buffer | undefined
}

/** Returns a header in the form that sharp's have. */
export function toMetadata(header: OwnHeader): Metadata {
  const {
    format,
    width,
    height,
    channels,
    isDeep = false,
    pages = 1,
    pagePrimary = 0,
    compression,
    icc,
  } = header
  const isGrey = channels < 3
  return {
    format: format as Metadata['format'], // sharp lists its own formats only
    width,
    height,
    channels,
    autoOrient: { width, height },
    space: isGrey ? (isDeep ? 'grey16' : 'b-w') : isDeep ? 'rgb16' : 'srgb',
    depth: isDeep ? 'ushort' : 'uchar',
    hasAlpha: channels % 2 === 0,
    hasProfile: icc !== undefined,
    isProgressive: false,
    isPalette: header.isPalette ?? false,
    ...(pages > 1 && { pages, pagePrimary }),
    ...(compression !== undefined && { compression: compression as NonNullable<Metadata['compression']> }), // as above
    ...(icc !== undefined && { icc }),
  }
}
