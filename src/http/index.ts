export { createHandler } from './create-handler.js'
export type { Handler, HandlerOptions } from './types.js'
export { signUrl, type SignOptions } from './access/sign-url.js'
