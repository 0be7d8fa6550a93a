import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { addAlarms } from './alarms.js'
import { createBuckets } from './buckets.js'
import { createDistribution } from './distribution.js'
import { createFunction } from './function.js'
import type { Parameters } from './parameters.js'

/** imgproc behind CloudFront: pictures of a bucket, made on request by a Lambda function. */
export class ImgprocStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & Parameters) {
    super(scope, id, props)
    checkAccess(props)
    const buckets = createBuckets(this, props)
    // `{ "main": "…" }`: ids of keys, and their secrets. Add another to change keys; see the README.
    const signingKeys =
      props.signatures === 'off'
        ? undefined
        : new Secret(this, 'SigningKeys', {
            description: 'Keys of signed image URLs, by their id',
            generateSecretString: {
              secretStringTemplate: '{}',
              generateStringKey: 'main',
              passwordLength: 64,
              excludePunctuation: true,
            },
          })
    const fn = createFunction(this, { ...props, buckets, signingKeys })
    const distribution = createDistribution(this, { fn, uploads: props.uploads })
    addAlarms(this, fn, props.alarmEmail)

    new CfnOutput(this, 'Url', { value: `https://${distribution.distributionDomainName}` })
    new CfnOutput(this, 'OriginalsBucket', { value: buckets.originals.bucketName })
    new CfnOutput(this, 'StoreBucket', { value: buckets.store.bucketName })
    if (signingKeys !== undefined) new CfnOutput(this, 'SigningKeysArn', { value: signingKeys.secretArn })
  }
}

/** Throws if everybody could fill the bucket. */
function checkAccess({ uploads, options }: Parameters): void {
  const { tokens } = options
  if (!uploads || (Array.isArray(tokens) && tokens.length > 0)) return
  throw new Error(
    'uploads: true lets everybody upload. Make a token by `npx imgproc token web`, and add its entry to tokens in imgproc.json.',
  )
}
