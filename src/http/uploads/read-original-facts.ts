import { contentHash } from '../../jobs/job-source.js'
import { openImage } from '../../image/open-image.js'
import { readSourceHeader } from '../../image/read-source-header.js'
import { maybeSvg } from '../../image/svg.js'
import type { Decoder, FailOn, Limits } from '../../image/types.js'
import { ImgprocError } from '../../errors.js'
import { imageTypeOf } from '../response/media-type.js'
import type { OriginalFacts } from '../records/types.js'

export interface HeaderOptions {
  readonly limits: Limits
  readonly failOn: FailOn
  readonly decoders: readonly Decoder[]
}

/**
 * Reads the header of an upload; decodes no pixels.
 *
 * @throws ImgprocError UNSUPPORTED_FORMAT if it is no image, CORRUPT_IMAGE, TOO_MANY_PIXELS, TIMED_OUT.
 */
export async function readOriginalFacts(bytes: Uint8Array, options: HeaderOptions): Promise<OriginalFacts> {
  const { metadata, format } = await readHeader(bytes, options)
  const { width, height: fullHeight } = metadata.autoOrient
  return {
    format,
    mime: imageTypeOf(bytes) ?? `image/${format}`,
    width,
    height: metadata.pageHeight ?? fullHeight,
    bytes: bytes.length,
    hash: contentHash(bytes),
  }
}

async function readHeader(bytes: Uint8Array, { limits, failOn, decoders }: HeaderOptions) {
  if (bytes.length === 0) {
    throw new ImgprocError('CORRUPT_IMAGE', 'The file is empty (0 bytes). Copy or download it again.', {
      stage: 'decode',
    })
  }
  // Without decoders, opening reads the header only.
  return maybeSvg(bytes)
    ? openImage(bytes, { limits, failOn })
    : readSourceHeader(bytes, { limits, failOn, decoders })
}
