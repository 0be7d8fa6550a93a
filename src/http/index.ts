export { createHandler } from './create-handler.js'
export type { Handler, HandlerOptions } from './types.js'
