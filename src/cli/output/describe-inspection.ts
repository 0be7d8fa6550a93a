import type { Analysis } from '../../analyzers/analysis.js'
import type { AnimationFacts, ExifFacts, Inspection, PresetLosses } from '../../inspect/types.js'
import { formatBytes } from '../../utils/format-bytes.js'
import type { InspectedFile, InspectionOutput } from './inspection-table.js'
import { toPrintable } from './text-columns.js'

type Line = readonly [name: string, value: string | undefined]

/** Changes that show the stored pixels upright, by EXIF orientation. */
const ORIENTATIONS: readonly (string | undefined)[] = [
  undefined,
  undefined,
  'mirrored',
  'turned by 180°',
  'mirrored and turned by 180°',
  'mirrored and turned by 90° to the left',
  'turned by 90° to the right',
  'mirrored and turned by 90° to the right',
  'turned by 90° to the left',
]

/** Describes one image in full. */
export function describeInspection(file: InspectedFile, { paint, gps }: InspectionOutput): string {
  const { exif, xmp, iptc, contentCredentials } = file.metadata
  const lines: readonly Line[] = [
    ...describePicture(file),
    ...(exif === undefined ? [] : describeExif(exif)),
    ['position', describePosition(file.metadata, gps)],
    ['XMP', describeTexts(xmp)],
    ['IPTC', describeTexts(iptc)],
    ['credentials', contentCredentials && 'Content Credentials (C2PA); not checked'],
    [
      'preview',
      file.preview && `${file.preview.width}x${file.preview.height}, ${formatBytes(file.preview.bytes)}`,
    ],
    ...describeAnalysis(file.analysis ?? {}),
    ...(file.analysisErrors ?? []).map(({ name, error }): Line => [name, `failed: ${error.message}`]),
    ...describeLosses(file.losses ?? []),
  ]
  const shown = lines.flatMap(([name, value]) => (value ? [[name, toPrintable(value)] as const] : []))
  const width = Math.max(...shown.map(([name]) => name.length))
  // A name stands beside the first of its lines only.
  const body = shown.map(([name, value], index) => {
    const label = shown[index - 1]?.[0] === name ? '' : name
    return `  ${paint('dim', label.padEnd(width))}  ${value}`
  })
  return [paint('bold', toPrintable(file.path)), ...body, ''].join('\n')
}

function describePicture({ format, bytes, width, height, ...file }: Inspection): readonly Line[] {
  const { color, encoding, animation, orientation, density, pages } = file
  const { jpegQuality, chroma, progressive, compression } = encoding
  const megapixels = (width * height) / 1e6
  const quality = jpegQuality && `quality ${jpegQuality.isExact ? '' : 'about '}${jpegQuality.value}`
  return [
    ['format', join([format, chroma, compression, progressive && 'progressive', quality])],
    [
      'size',
      join([`${width}x${height}`, megapixels >= 0.1 && `${megapixels.toFixed(1)} MP`, formatBytes(bytes)]),
    ],
    [
      'orientation',
      orientation === undefined
        ? undefined
        : `${orientation}: stored pixels are ${ORIENTATIONS[orientation]}`,
    ],
    ['density', density === undefined ? undefined : `${density} pixels per inch`],
    [
      'colour',
      join([
        color.space,
        color.profile,
        `${color.bits} bits a channel`,
        `${color.channels} channel${color.channels === 1 ? '' : 's'}`,
        color.alpha && 'alpha',
      ]),
    ],
    ['HDR', color.hdr && (color.hdr === 'gain map' ? 'gain map' : color.hdr.toUpperCase())],
    ['animation', animation && describeAnimation(animation)],
    ['pages', pages?.toString()],
  ]
}

function describeAnimation({ frames, loop, delays }: AnimationFacts): string {
  const total = delays.reduce((sum, delay) => sum + delay, 0)
  const [shortest, longest] = [Math.min(...delays), Math.max(...delays)]
  const each = shortest === longest ? `${shortest} ms each` : `${shortest} to ${longest} ms each`
  const times = loop === 0 ? 'for ever' : loop === 1 ? 'once' : `${loop} times`
  return join([`${frames} frames`, delays.length > 0 && `${(total / 1000).toFixed(1)} s, ${each}`, times])
}

function describeExif(exif: ExifFacts): readonly Line[] {
  const {
    make = '',
    model = '',
    exposureTime,
    fNumber,
    iso,
    focalLength,
    focalLength35mm,
    exposureBias,
  } = exif
  // Many models begin with the maker.
  const camera = model.toLowerCase().startsWith(make.toLowerCase()) ? model : `${make} ${model}`
  return [
    ['camera', join([camera.trim(), exif.lens])],
    ['taken', exif.taken?.replace('T', ' ')],
    [
      'exposure',
      join([
        exposureTime && formatExposure(exposureTime),
        fNumber && `f/${fNumber}`,
        iso && `ISO ${iso}`,
        focalLength && `${focalLength} mm${focalLength35mm ? ` (like ${focalLength35mm} mm)` : ''}`,
        exposureBias && `${exposureBias > 0 ? '+' : ''}${exposureBias} EV`,
        exif.exposureProgram,
        exif.metering && `${exif.metering} metering`,
        exif.flash === true && 'flash',
        exif.whiteBalance === 'manual' && 'manual white balance',
      ]),
    ],
    ['author', join([exif.artist, exif.copyright])],
    ['description', exif.description],
    ['software', exif.software],
  ]
}

function formatExposure(seconds: number): string {
  return seconds >= 0.3 ? `${Number(seconds.toFixed(1))} s` : `1/${Math.round(1 / seconds)} s`
}

function describePosition(
  { hasPosition, position }: Inspection['metadata'],
  gps: boolean,
): string | undefined {
  if (!hasPosition) return undefined
  if (!gps) return 'yes: it tells where the photo was taken (--gps shows it)'
  if (position === undefined) return 'in the XMP'
  const { latitude, longitude, altitude } = position
  return join([`${latitude}, ${longitude}`, altitude !== undefined && `${altitude} m`])
}

function describeTexts(texts: Readonly<Record<string, readonly string[]>> | undefined): string | undefined {
  if (texts === undefined) return undefined
  const parts = Object.entries(texts).map(([name, values]) => `${name}: ${values.join(', ')}`)
  return parts.length === 0 ? 'yes' : parts.join('; ')
}

function describeAnalysis({ palette, ...findings }: Analysis): readonly Line[] {
  const colors = palette?.colors.map(({ hex, share }) => `${hex} ${Math.round(share * 100)} %`)
  const others = Object.entries(findings).map(([name, finding]): Line => {
    if (typeof finding === 'object' && finding !== null && Object.keys(finding).length === 0)
      return [name, undefined]
    const value = typeof finding === 'number' ? Number(finding.toFixed(3)) : finding
    return [name, typeof value === 'string' ? value : JSON.stringify(value)]
  })
  return [['palette', colors?.join(', ')], ...others]
}

/** Presets with the same losses share a line. */
function describeLosses(losses: readonly PresetLosses[]): readonly Line[] {
  const presets = new Map<string, string[]>()
  for (const { preset, losses: lost } of losses) {
    const text = lost
      .map((loss) => (loss.formats === undefined ? loss.text : `${loss.text} (${loss.formats.join(', ')})`))
      .join('; ')
    presets.set(text, [...(presets.get(text) ?? []), preset])
  }
  return [...presets].map(([text, names]) => ['lost by', `${names.join(', ')}: ${text || 'nothing'}`])
}

function join(parts: readonly (string | number | false | true | undefined)[]): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join(', ')
}
