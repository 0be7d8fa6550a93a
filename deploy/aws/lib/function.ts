import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { STORE_PREFIX, type Buckets } from './buckets.js'
import type { Parameters } from './parameters.js'

/** Bytes of results: more than there will be. */
const UNBOUNDED = 1e15

export interface FunctionProps extends Parameters {
  readonly buckets: Buckets
  readonly signingKeys: Secret | undefined
}

/** Creates the function, with the rights that it needs and no others. */
export function createFunction(scope: Construct, props: FunctionProps): LambdaFunction {
  const { buckets, signingKeys, architecture, memory, demo, signatures, code, options } = props
  const { originals, store, key } = buckets
  const served = {
    ...options,
    demo,
    store: `s3://${store.bucketName}/${STORE_PREFIX}`,
    sources: { images: `s3://${originals.bucketName}/` },
    // The lifecycle rules of the bucket remove results.
    cacheBytes: UNBOUNDED,
    ...(signatures !== 'off' && { signatures }),
  }
  const fn = new LambdaFunction(scope, 'Function', {
    description: 'imgproc',
    runtime: Runtime.NODEJS_22_X,
    architecture: architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
    handler: 'handler.handler',
    code: Code.fromAsset(code),
    memorySize: memory,
    timeout: Duration.seconds(30),
    environment: {
      IMGPROC_OPTIONS: Stack.of(scope).toJsonString(served),
      ...(signingKeys !== undefined && { IMGPROC_SIGNING_KEYS_ARN: signingKeys.secretArn }),
    },
    logGroup: new LogGroup(scope, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
  })
  const allow = (actions: string[], resources: string[]) =>
    fn.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }))
  allow(['s3:GetObject'], [originals.arnForObjects('*')])
  allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [store.arnForObjects(`${STORE_PREFIX}*`)])
  // Without it, S3 answers 403 instead of 404 for a file that does not exist.
  allow(['s3:ListBucket'], [originals.bucketArn, store.bucketArn])
  key?.grant(fn, 'kms:Decrypt', 'kms:GenerateDataKey')
  if (signingKeys !== undefined) allow(['secretsmanager:GetSecretValue'], [signingKeys.secretArn])
  return fn
}
