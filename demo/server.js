const TOKEN = 'imgproc-token'

/** An answer of the server that is no success. */
export class ServerError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message)
    this.status = status
  }
}

/**
 * Returns the absolute URL of a path of the server, which may be below a prefix.
 *
 * @param {string} path without a slash at its begin
 */
export function urlOf(path) {
  return new URL(path, document.baseURI).href
}

export function hasToken() {
  return sessionStorage.getItem(TOKEN) !== null
}

/**
 * Keeps a token in this tab.
 *
 * @param {string} token
 */
export function keepToken(token) {
  sessionStorage.setItem(TOKEN, token)
}

/**
 * Fetches a URL of the server with the token, if there is one. Throws a ServerError with the server's own explanation.
 *
 * @param {string} url
 * @param {RequestInit} [init]
 */
export async function ask(url, init = {}) {
  const token = sessionStorage.getItem(TOKEN)
  const headers = token === null ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, { ...init, headers: { ...headers } }).catch((cause) => {
    if (init.signal?.aborted === true) throw cause
    throw new ServerError('The server does not answer. Is it still running?', 0)
  })
  if (response.ok) return response
  throw new ServerError(await explain(response), response.status)
}

/**
 * Uploads a picture. The server deletes it after an hour.
 *
 * @param {File} file
 * @param {AbortSignal} signal
 */
export async function upload(file, signal) {
  const body = new FormData()
  body.append('ttl', '1h')
  body.append('image', file, file.name)
  const response = await ask(urlOf('v1/images'), { method: 'POST', body, signal })
  /** @type {{ id: string, filename: string, original: { format: string, width: number, height: number, bytes: number } }} */
  const record = await response.json()
  return record
}

/** @param {Response} response */
async function explain(response) {
  const type = response.headers.get('content-type') ?? ''
  if (!type.includes('json')) return `The server answered with ${response.status}.`
  const { detail, title } = await response.json().catch(() => ({}))
  return detail ?? title ?? `The server answered with ${response.status}.`
}
