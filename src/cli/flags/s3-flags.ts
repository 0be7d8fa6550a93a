import type { Command } from 'commander'
import type { UserConfig } from '../../config/types.generated.js'
import type { StoreOptions } from '../../run/options.js'
import { addFlags, type Flag, type FlagValues } from './define-flag.js'
import { nonEmpty } from './parse-values.js'

type S3Config = NonNullable<UserConfig['s3']>

/** The keys of a config that say how places are reached. */
type PlaceConfig = Pick<StoreOptions, 's3' | 'gcs' | 'azure' | 'stores'>

interface S3Flag<Value> extends Flag<Value> {
  /** The key of the config's `s3` that takes the value. */
  readonly key: keyof S3Config
}

/** Infers the type of a flag's value from its parser; boolean for a switch. */
function s3Flag<Value = boolean>(flag: S3Flag<Value>): S3Flag<Value> {
  return flag
}

/** The flags of every command that accesses S3. A key is the flag's name in camelCase. */
export const S3_FLAGS = {
  s3Endpoint: s3Flag({
    flags: '--s3-endpoint <url>',
    description: 'S3 server (default: AWS_ENDPOINT_URL_S3, or AWS)',
    parse: nonEmpty,
    key: 'endpoint',
  }),
  s3Region: s3Flag({
    flags: '--s3-region <name>',
    description: 'S3 region (default: AWS_REGION, or us-east-1)',
    parse: nonEmpty,
    key: 'region',
  }),
  s3Profile: s3Flag({
    flags: '--s3-profile <name>',
    description: 'profile in the AWS config files (default: AWS_PROFILE)',
    parse: nonEmpty,
    key: 'profile',
  }),
  s3PathStyle: s3Flag({
    flags: '--s3-path-style',
    description: 'use https://host/bucket/key (default: with an endpoint)',
    key: 'pathStyle',
  }),
}

/** Parsed flags of every command that accesses S3. */
export type S3Flags = FlagValues<typeof S3_FLAGS>

/** Adds the flags of every command that accesses S3. */
export function addS3Flags(command: Command): Command {
  return addFlags(command, S3_FLAGS)
}

/** Returns the config's `s3` with the values of the given flags. */
export function mergeS3Flags(flags: S3Flags, s3: S3Config | undefined): S3Config {
  const given = Object.entries(S3_FLAGS).flatMap(([name, { key }]) => {
    const value = flags[name as keyof S3Flags] // a key of the table
    return value === undefined ? [] : [[key, value] as const]
  })
  return { ...s3, ...Object.fromEntries(given) }
}

/** Returns the places of a config, with the values of the given flags. */
export function mergePlaceFlags(flags: S3Flags, config: unknown): PlaceConfig {
  const { s3, gcs, azure, stores } = config as PlaceConfig // loadConfig has validated it
  return { s3: mergeS3Flags(flags, s3), gcs, azure, stores }
}
