import type { Manifest, ManifestEntry, ReadyOutput } from '../../src/manifest/types.js'

const MIMES = {
  avif: 'image/avif',
  jxl: 'image/jxl',
  webp: 'image/webp',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
}

/** Returns an output of 4:3. */
export function output(
  format: keyof typeof MIMES,
  width: number,
  more: Partial<ReadyOutput> = {},
): ReadyOutput {
  return {
    preset: 'wide',
    status: 'ready',
    path: `a-${width}w.${format}`,
    format,
    mime: MIMES[format],
    width,
    height: (width * 3) / 4,
    bytes: width * 10,
    hash: 'sha256:0',
    recipe: '0',
    ...more,
  }
}

/** Returns a manifest of one entry. */
export function manifestOf(...outputs: ManifestEntry['outputs']): Manifest {
  return withEntries({ id: 'a', source: { path: 'photos/a.jpg' }, status: 'ready', outputs })
}

export function withEntries(...entries: readonly ManifestEntry[]): Manifest {
  const tool = { name: 'imgproc', version: '0', sharp: '0', libvips: '0' } as const
  return { version: 1, tool, entries }
}
