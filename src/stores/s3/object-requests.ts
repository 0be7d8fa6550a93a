import type * as Sdk from '@aws-sdk/client-s3'
import { createTemplate, fillTemplate } from './request-template.js'
import type { HttpRequest, HttpResponse, RequestTemplate } from './request-template.js'

/** Gets and puts objects. Throws the errors of the SDK. */
export interface ObjectRequests {
  get(input: ObjectInput<Sdk.GetObjectCommandInput>, signal: AbortSignal | undefined): Promise<ObjectAnswer>
  put(input: PutInput): Promise<PutAnswer>
}

type ObjectInput<T> = T & { readonly Key: string }
type PutInput = ObjectInput<Omit<Sdk.PutObjectCommandInput, 'Body'>> & { readonly Body: Uint8Array }

interface ObjectAnswer {
  /** A stream. */
  readonly Body?: unknown
  /** In bytes, as announced. */
  readonly ContentLength?: number | undefined
}

interface PutAnswer {
  readonly ETag?: string | undefined
}

type Command = Sdk.GetObjectCommand | Sdk.PutObjectCommand
type Steps = Sdk.GetObjectCommand['middlewareStack']

/** Templates that are kept. Ranges, of which there may be any number, are part of them. */
const MAX_TEMPLATES = 64

/** The step of the SDK's chain that signs. */
const SIGNING_STEP = 'httpSigningMiddleware'

/**
 * Creates the requests for the objects of a client. The SDK makes the first of each kind. Later ones are filled from a
 * template of it, signed and sent by the same parts of the SDK, but without its chain of twenty steps: for each request
 * the SDK builds the chain, copies its configuration and evaluates the rules of endpoints, which takes five times as long as
 * the rest. Whatever is not a plain success goes through the chain, so that errors, redirects and clocks are the SDK's.
 */
export function createObjectRequests(sdk: typeof Sdk, client: Sdk.S3Client): ObjectRequests {
  const templates = new Map<string, RequestTemplate>()
  const { config } = client
  // Another version of the SDK may sign in a step of another name. Then each request goes through the chain.
  const canWatch = client.middlewareStack.identify().some((step) => step.startsWith(SIGNING_STEP))

  /** Sends a request of a kind that the SDK has made before. Returns undefined if it has not. */
  async function send(
    kind: string,
    key: string,
    body: Uint8Array | undefined,
    options: SendOptions,
  ): Promise<HttpResponse | undefined> {
    const template = templates.get(kind)
    if (template === undefined) return undefined
    const request = await fillTemplate(template, config, key, body)
    const answer: { response: HttpResponse } = await config.requestHandler.handle(request, options)
    return answer.response
  }

  /** Adds a step to a command: one that makes a template of its request, or one that answers it with `response`. */
  function addStep(command: Command, kind: string, key: string, response: HttpResponse | undefined): void {
    // The methods that are used are the same for all commands.
    const steps = command.middlewareStack as Steps
    if (response !== undefined) answerOnce(steps, response)
    else if (canWatch && templates.size < MAX_TEMPLATES)
      watchRequest(steps, async (request, schemes) => {
        const template = await createTemplate(config, request, key, schemes)
        if (template !== undefined) templates.set(kind, template)
      })
  }

  return {
    async get(input, signal) {
      const { Key, ...rest } = input
      const kind = JSON.stringify(['GET', rest])
      const options = signal === undefined ? {} : { abortSignal: signal }
      const response = await send(kind, Key, undefined, options)
      if (isSuccess(response)) return { Body: response.body, ContentLength: lengthOf(response) }
      const command = new sdk.GetObjectCommand(input)
      addStep(command, kind, Key, response)
      return client.send(command, options)
    },
    async put(input) {
      const { Key, Body, ContentLength: _, ...rest } = input
      const kind = JSON.stringify(['PUT', rest])
      const response = await send(kind, Key, Body, {})
      // S3 may report an error in the body of a success.
      if (isSuccess(response) && lengthOf(response) === 0) {
        response.body.resume()
        return { ETag: response.headers['etag'] }
      }
      const command = new sdk.PutObjectCommand(input)
      addStep(command, kind, Key, response)
      return client.send(command)
    },
  }
}

interface SendOptions {
  readonly abortSignal?: AbortSignal
}

/** Calls a function with the request of a command before it is signed, and with the ways to sign it. */
function watchRequest(
  steps: Steps,
  watch: (request: HttpRequest, schemes: Parameters<typeof createTemplate>[3]) => Promise<void>,
): void {
  const watching =
    <Args, Answer>(next: (args: Args) => Promise<Answer>, context: StepContext) =>
    async (args: Args): Promise<Answer> => {
      // Set by an earlier step, after this function was created. The step before signing has a request.
      const schemes = context.endpointV2?.properties?.['authSchemes']
      if (Array.isArray(schemes)) await watch((args as { request: HttpRequest }).request, schemes)
      return next(args)
    }
  steps.addRelativeTo(watching, {
    name: 'watchRequest',
    relation: 'before',
    toMiddleware: SIGNING_STEP,
  })
}

interface StepContext {
  readonly endpointV2?: { readonly properties?: Record<string, unknown> }
}

/** Answers the first request of a command without sending it. Others, such as those of a redirect, are sent. */
function answerOnce(steps: Steps, response: HttpResponse): void {
  let isAnswered = false
  const answering =
    <Args, Answer>(next: (args: Args) => Promise<Answer>) =>
    async (args: Args): Promise<Answer> => {
      if (isAnswered) return next(args)
      isAnswered = true
      // The last step returns a response, from which those before it make the answer.
      return { response } as Answer
    }
  steps.add(answering, { name: 'answerOnce', step: 'deserialize', priority: 'low' })
}

function isSuccess(response: HttpResponse | undefined): response is HttpResponse {
  return response !== undefined && response.statusCode >= 200 && response.statusCode < 300
}

function lengthOf({ headers }: HttpResponse): number | undefined {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}
