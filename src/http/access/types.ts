/** Right of a token. `admin` is for /metrics and the images of all tokens; it includes neither `read` nor `write`. */
export type Scope = 'read' | 'write' | 'admin'

/** A bearer token of the config, which holds only its hash. */
export interface TokenRecord {
  readonly id: string
  /** SHA-256 of the token, in hex digits. */
  readonly hash: string
  readonly scopes: readonly Scope[]
}

/** The token of a request. */
export type Token = Pick<TokenRecord, 'id' | 'scopes'>

/** Requests that a client may send in `seconds`. */
export interface RateLimits {
  readonly seconds: number
  readonly token?: number | undefined
  readonly address?: number | undefined
}

export interface CorsOptions {
  readonly origins: readonly string[]
  readonly maxAge?: number | undefined
}

/** How a server treats signatures of image URLs. */
export type SignatureMode = 'required' | 'optional' | 'off'

export interface AccessOptions {
  readonly tokens: readonly TokenRecord[]
  readonly signatures: SignatureMode
  /** Secrets of signatures by the id of the key. */
  readonly signingKeys: ReadonlyMap<string, string>
  /** Images are read without a token. */
  readonly publicImages: boolean
  readonly rateLimit: RateLimits | undefined
  /** Addresses and networks of proxies whose `X-Forwarded-For` counts. */
  readonly trustProxy: readonly string[]
  readonly cors: CorsOptions | undefined
}
