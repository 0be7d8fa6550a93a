/** Fields of events of AWS Lambda that tell the address of the client. */
interface ClientFields {
  readonly requestContext?: {
    /** API Gateway, payload format 2.0, and function URLs. */
    readonly http?: { readonly sourceIp?: string }
    /** API Gateway, payload format 1.0. */
    readonly identity?: { readonly sourceIp?: string }
    /** A load balancer. */
    readonly elb?: object
  }
  readonly headers?: Readonly<Record<string, string>> | null
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>> | null
}

const FORWARDED_FOR = 'x-forwarded-for'

/**
 * Returns the address that has connected to the gateway or load balancer. A load balancer tells it only as the last one of
 * `X-Forwarded-For`, to which it adds it.
 */
export function addressInEvent(event: object): string | undefined {
  const { requestContext, headers, multiValueHeaders } = event as ClientFields // as AWS documents
  if (requestContext?.elb === undefined)
    return requestContext?.http?.sourceIp ?? requestContext?.identity?.sourceIp
  const forwarded = headers?.[FORWARDED_FOR] ?? multiValueHeaders?.[FORWARDED_FOR]?.at(-1)
  return forwarded?.split(',').at(-1)?.trim()
}

/** Returns true for the event of a load balancer. */
export function isFromLoadBalancer(event: object): boolean {
  return (event as ClientFields).requestContext?.elb !== undefined // as AWS documents
}
