import { z } from 'zod'
import { once } from '../utils/once.js'

const ID = /^[A-Za-z0-9][\w.-]{0,63}$/
const idError = 'a name of letters, digits, ".", "-" and "_"'
const id = once(() => z.string({ error: idError }).regex(ID, { error: idError }))

const requestsError = 'a whole number of requests, 1 or more'
const requests = once(() => z.int({ error: requestsError }).min(1, { error: requestsError }))

const secondsError = 'a whole number of seconds from 1 to 86400'
const seconds = once(() =>
  z.int({ error: secondsError }).min(1, { error: secondsError }).max(86_400, { error: secondsError }),
)

const hashError = 'the 64 hex digits that imgproc token prints'

export const tokenSchema = once(() =>
  z.strictObject({
    id: id().describe('Name of the token. Images belong to it; logs and limits name it.'),
    hash: z
      .string({ error: hashError })
      .regex(/^[\da-f]{64}$/i, { error: hashError })
      .describe('SHA-256 of the token, as `imgproc token` prints it.'),
    scopes: z
      .array(z.enum(['read', 'write', 'admin']))
      .min(1, { error: 'one scope or more' })
      .describe('Rights: `read`, `write`, and `admin` for `/metrics` and the images of other tokens.'),
  }),
)

const rateLimitSchema = once(() =>
  z.strictObject({
    seconds: seconds().optional().describe('Seconds in which the requests are counted; 60 by default.'),
    token: requests().optional().describe('Requests of each token in that time.'),
    address: requests().optional().describe('Requests of each address without a token in that time.'),
  }),
)

const originError = 'an origin such as https://shop.example, or "*"'

const corsSchema = once(() =>
  z.strictObject({
    origins: z
      .array(z.string({ error: originError }).regex(/^(?:\*|https?:\/\/[^/]+)$/, { error: originError }))
      .min(1, { error: 'one origin or more' })
      .describe('Origins whose scripts may use the server, or `*` for all.'),
    maxAge: z
      .int({ error: 'a whole number of seconds, 0 or more' })
      .min(0, { error: 'a whole number of seconds, 0 or more' })
      .optional()
      .describe('Seconds for which browsers remember that; 600 by default.'),
  }),
)

/** Keys of `serve` about access to the server and about what it tells of its work. */
export const accessKeys = once(() => ({
  tokens: z
    .array(tokenSchema())
    .optional()
    .describe('Bearer tokens. Without any, and without `signatures: required`, everybody may do everything.'),
  publicImages: z
    .boolean()
    .optional()
    .describe('Images are fetched without a token. Uploads, lists and records still need one.'),
  // Not a longer text: the message about a text that is too short would show the secret.
  signingKeys: z
    .record(id(), z.string({ error: 'a secret of 32 characters or more' }))
    .optional()
    .describe('Secrets of signed URLs by the id of the key, 32 characters or more.'),
  signatures: z
    .enum(['required', 'optional', 'off'])
    .optional()
    .describe('Signatures of image URLs: `required` unless a token is sent, `optional`, or `off`.'),
  rateLimit: rateLimitSchema().optional().describe('Requests that a client may send.'),
  trustProxy: z
    .array(z.string({ error: 'an address or a network such as 10.0.0.0/8' }))
    .optional()
    .describe('Addresses and networks of the proxies whose `X-Forwarded-For` counts.'),
  cors: corsSchema().optional().describe('Scripts of other origins that may use the server.'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .optional()
    .describe('Least important lines of the log; probes are `debug`.'),
}))
