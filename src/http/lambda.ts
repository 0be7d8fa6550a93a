import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { createHandler } from './create-handler.js'
import type { HandlerOptions } from './types.js'

export type { HandlerOptions } from './types.js'

/** A handler of AWS Lambda. Events of API Gateway (both versions), of function URLs and of ALB are requests. */
export type LambdaHandler = (event: object, context?: object) => Promise<object>

/**
 * Creates the handler of an AWS Lambda function. Answers are base64, since images are binary.
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
  const app = new Hono()
  app.all('*', (context) => handler.fetch(context.req.raw))
  const isContentTypeBinary = () => true
  return handle(app, { isContentTypeBinary }) as LambdaHandler // its events are plain objects
}
