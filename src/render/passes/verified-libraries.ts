import { sharpVersions } from '../../sharp.js'

/** Library versions verified to give the same pixels and bytes as `src/codec` (test/render/jpeg-to-jpeg.test.ts). */
const VERIFIED = { vips: '8.18.7', mozjpeg: '0826579', lcms: '2.19.1' }

type Versions = Readonly<Record<string, string | undefined>>

/** True if `src/codec` may make images that would otherwise be made by sharp with these library versions. */
export function areLibrariesVerified(versions: Versions = sharpVersions()): boolean {
  return Object.entries(VERIFIED).every(([name, version]) => versions[name] === version)
}

/** Returns why the fast JPEG path is off with these library versions, and what to do; undefined if it is on. */
export function explainUnverifiedLibraries(versions: Versions = sharpVersions()): string | undefined {
  if (areLibrariesVerified(versions)) return undefined
  return (
    `off: it was verified with ${list(VERIFIED)}, and this sharp has ${list(versions)}. ` +
    'sharp makes all JPEGs instead, which takes longer. Update imgproc, or install the sharp version that it asks for.'
  )
}

function list({ vips = 'unknown', mozjpeg = 'unknown', lcms = 'unknown' }: Versions): string {
  return `libvips ${vips} with mozjpeg ${mozjpeg} and lcms ${lcms}`
}
