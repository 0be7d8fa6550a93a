import { InvalidArgumentError, type Command } from 'commander'
import type { ArtDirection } from '../../report/picture/types.js'
import { addFlags, type Flag, type FlagValues } from './define-flag.js'
import { nonEmpty } from './parse-values.js'
import { addS3Flags, type S3Flags } from './s3-flags.js'
import { RUN_FLAGS } from './run-flag-table.js'

/** Infers the type of a flag's value from its parser; boolean for a switch. */
function flag<Value = boolean>(one: Flag<Value>): Flag<Value> {
  return one
}

const FORMATS = ['html', 'jsx', 'json'] as const

/** The flags of `imgproc markup`, in the order of `--help`. A key is the flag's name in camelCase. */
export const MARKUP_FLAGS = {
  alt: flag({
    flags: '--alt <text>',
    description: 'text alternative of the picture; required, for one source',
    parse: (text: string) => text,
  }),
  alts: flag({
    flags: '--alts <file>',
    description:
      'text alternatives of several sources: JSON such as {"photos/a.jpg": "A house"}; "" if decorative',
    parse: nonEmpty,
  }),
  altFrom: flag<'caption'>({
    flags: '--alt-from <analysis>',
    description:
      'take the text alternatives from the metadata of the sources, as the analyzer "caption" read them',
    choices: ['caption'],
  }),
  decorative: flag({
    flags: '--decorative',
    description: 'the pictures only decorate: screen readers skip them',
  }),
  format: flag<(typeof FORMATS)[number]>({
    flags: '-f, --format <name>',
    description: 'format (default: html)',
    choices: FORMATS,
  }),
  preset: flag({
    flags: '-p, --preset <name>',
    description: 'preset to show (default: the only one)',
    parse: nonEmpty,
  }),
  sizes: flag({
    flags: '--sizes <list>',
    description: 'width on the page, such as "(min-width: 60em) 40em, 100vw" (default: 100vw)',
    parse: nonEmpty,
  }),
  art: flag<readonly ArtDirection[]>({
    flags: '--art <query=preset>',
    description: 'another crop by media query, such as "(max-width: 600px)=square"; repeat the flag for more',
    parse: collectArt,
  }),
  loading: flag<'lazy' | 'eager'>({
    flags: '--loading <when>',
    description: 'when to load (default: lazy, or eager with --fetch-priority high)',
    choices: ['lazy', 'eager'],
  }),
  decoding: flag<'async' | 'sync' | 'auto'>({
    flags: '--decoding <how>',
    description: 'how to decode (default: async)',
    choices: ['async', 'sync', 'auto'],
  }),
  fetchPriority: flag<'high' | 'low' | 'auto'>({
    flags: '--fetch-priority <level>',
    description: 'high for the picture that a page opens with',
    choices: ['high', 'low', 'auto'],
  }),
  placeholder: flag<'thumbhash' | 'palette'>({
    flags: '--placeholder <kind>',
    description: 'background while loading: a blurred preview, or the dominant colour; needs that analysis',
    choices: ['thumbhash', 'palette'],
  }),
  baseUrl: flag({
    flags: '--base-url <prefix>',
    description: 'prefix of all paths (default: as in the manifest)',
    parse: (text: string) => text,
  }),
  class: flag({ flags: '--class <names>', description: 'class of the <img>', parse: nonEmpty }),
  config: flag(RUN_FLAGS.config),
}

export type MarkupFlags = FlagValues<typeof MARKUP_FLAGS> & S3Flags

export function addMarkupFlags(command: Command): Command {
  return addS3Flags(addFlags(command, MARKUP_FLAGS))
}

/** Parses a media query and a preset; the last `=` is between them, since a query may hold others. */
function collectArt(text: string, before: readonly ArtDirection[] = []): readonly ArtDirection[] {
  const at = text.lastIndexOf('=')
  const [media, preset] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()]
  if (media === '' || preset === '')
    throw new InvalidArgumentError(
      'Expected a media query and a preset, such as "(max-width: 600px)=square".',
    )
  return [...before, { media, preset }]
}
