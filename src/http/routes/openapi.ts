import { Hono } from 'hono'
import { createDocument, type DocumentOptions } from '../openapi/document.js'
import { refuseOtherMethods } from '../response/problem.js'
import type { Env } from '../types.js'

/** Creates `/openapi.json`: the description of the server for tools. It is made when it is asked for first. */
export function createOpenapiRoutes(options: DocumentOptions): Hono<Env> {
  const app = new Hono<Env>()
  let text: string | undefined
  app.get('/openapi.json', (context) => {
    text ??= JSON.stringify(createDocument(options))
    return context.body(text, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' })
  })
  app.all('/openapi.json', refuseOtherMethods(['GET', 'HEAD']))
  return app
}
