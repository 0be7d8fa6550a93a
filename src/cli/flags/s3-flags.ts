import type { Command } from 'commander'
import type { UserConfig } from '../../config/types.generated.js'
import { filled } from './parse-values.js'

/** Where S3 is, as it is typed. */
export interface S3Flags {
  readonly s3Endpoint?: string
  readonly s3Region?: string
  readonly s3Profile?: string
  readonly s3PathStyle?: boolean
}

/** Adds the flags of every command that may go to S3. */
export function addS3Flags(command: Command): Command {
  return command
    .option('--s3-endpoint <url>', 'server of s3:// (default: AWS_ENDPOINT_URL_S3, or AWS)', filled)
    .option('--s3-region <name>', 'region of s3:// (default: AWS_REGION, or us-east-1)', filled)
    .option('--s3-profile <name>', 'profile of the AWS config files (default: AWS_PROFILE)', filled)
    .option('--s3-path-style', 'https://host/bucket/key, as servers other than AWS want it')
}

/** What the config says of S3, with what was typed instead. */
export function s3Of(flags: S3Flags, s3: UserConfig['s3']): NonNullable<UserConfig['s3']> {
  return {
    ...s3,
    endpoint: flags.s3Endpoint ?? s3?.endpoint,
    region: flags.s3Region ?? s3?.region,
    profile: flags.s3Profile ?? s3?.profile,
    pathStyle: flags.s3PathStyle ?? s3?.pathStyle,
  }
}
