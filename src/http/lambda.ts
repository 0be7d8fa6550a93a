import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { createStores } from '../stores/create-stores.js'
import { createHandler } from './create-handler.js'
import { addressInEvent, isFromLoadBalancer } from './lambda-address.js'
import { createLargeAnswers } from './large-answers.js'
import { resolveOptions } from './options.js'
import type { HandlerOptions } from './types.js'

export type { HandlerOptions } from './types.js'

/** A handler of AWS Lambda. Events of API Gateway (both versions), of function URLs and of ALB are requests. */
export type LambdaHandler = (event: object, context?: object) => Promise<object>

/** Lambda passes on 6 MB of base64 and headers. ALB passes on 1 MB. */
const MAX_BYTES = { lambda: 4_400_000, alb: 740_000 }

/**
 * Creates the handler of an AWS Lambda function. Answers are base64, since images are binary. An answer that is larger than
 * Lambda passes on is written to the store, which has to be in S3, and answered by a redirect to a presigned URL.
 *
 * Throws INVALID_CONFIG, INVALID_OPERATION, UNKNOWN_OPERATION or UNKNOWN_PRESET for wrong options.
 *
 * @example
 * ```ts
 * import { createLambdaHandler } from 'imgproc/lambda'
 * export const handler = createLambdaHandler({ store: 's3://shop/imgproc/', sources: { shop: 's3://shop/originals/' } })
 * ```
 */
export function createLambdaHandler(options: HandlerOptions = {}): LambdaHandler {
  const handler = createHandler(options)
  const { root, store: place, s3, gcs, azure } = resolveOptions(options)
  const store = createStores({ cwd: root, s3, gcs, azure })
  const createApp = (maxBytes: number) => {
    const redirectLarge = createLargeAnswers({ store, folder: `${place}/large`, maxBytes })
    const app = new Hono<{ Bindings: { event: object } }>()
    app.all('*', async (context) => {
      const address = addressInEvent(context.env.event)
      const answer = await redirectLarge(await handler.fetch(context.req.raw, { address }))
      // Lambda stops the process after the answer, in the middle of a write.
      await handler.settle()
      return answer
    })
    return handle(app, { isContentTypeBinary: () => true }) as LambdaHandler // its events are plain objects
  }
  const [lambda, alb] = [createApp(MAX_BYTES.lambda), createApp(MAX_BYTES.alb)]
  return (event, context) => (isFromLoadBalancer(event) ? alb : lambda)(event, context)
}
