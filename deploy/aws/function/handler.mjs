// The entry of the function. The AWS SDK is part of the runtime.
import { createLambdaHandler } from 'imgproc/lambda'

/** Options of the stack, and the signing keys, which no variable should hold. */
async function readOptions() {
  const options = JSON.parse(process.env.IMGPROC_OPTIONS ?? '{}')
  const secret = process.env.IMGPROC_SIGNING_KEYS_ARN
  if (secret === undefined) return options
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager')
  const { SecretString } = await new SecretsManagerClient().send(
    new GetSecretValueCommand({ SecretId: secret }),
  )
  return { ...options, signingKeys: JSON.parse(SecretString ?? '{}') }
}

// Once a process, before its first request.
export const handler = createLambdaHandler(await readOptions())
