import { readFileSync } from 'node:fs'
import { Duration, Fn, type Stack } from 'aws-cdk-lib'
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import {
  AllowedMethods,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  CachedMethods,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginRequestPolicy,
  PriceClass,
  ViewerProtocolPolicy,
  type BehaviorOptions,
} from 'aws-cdk-lib/aws-cloudfront'
import { FunctionUrlOrigin, HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { FOLDER } from './folder.js'
import { FunctionUrlAuthType, InvokeMode, type Function } from 'aws-cdk-lib/aws-lambda'

export interface DistributionProps {
  readonly fn: Function
  readonly uploads: boolean
}

const MAX_TTL = Duration.days(365)

/**
 * Creates the distribution. Only it can ask the function for pictures: it signs each request to the function's URL. Uploads go
 * through an HTTP API, since that signature would take the place of the client's token, and need a hash of the body.
 */
export function createDistribution(stack: Stack, { fn, uploads }: DistributionProps): Distribution {
  const url = fn.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM, invokeMode: InvokeMode.BUFFERED })
  return new Distribution(stack, 'Distribution', {
    comment: 'imgproc',
    httpVersion: HttpVersion.HTTP2_AND_3,
    priceClass: PriceClass.PRICE_CLASS_100,
    defaultBehavior: {
      origin: FunctionUrlOrigin.withOriginAccessControl(url),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachedMethods: CachedMethods.CACHE_GET_HEAD,
      cachePolicy: createCachePolicy(stack),
      compress: false,
      functionAssociations: [
        { eventType: FunctionEventType.VIEWER_REQUEST, function: createAcceptFunction(stack) },
      ],
    },
    additionalBehaviors: uploads ? { '/v1/*': createUploadBehavior(stack, fn) } : {},
  })
}

/** Keys the cache by path, query, and `Accept`, which the edge function reduces to three values. */
function createCachePolicy(stack: Stack): CachePolicy {
  return new CachePolicy(stack, 'CachePolicy', {
    comment: 'imgproc: path, query, and formats that the client shows',
    queryStringBehavior: CacheQueryStringBehavior.all(),
    headerBehavior: CacheHeaderBehavior.allowList('Accept'),
    cookieBehavior: CacheCookieBehavior.none(),
    // `Cache-Control` of the function decides; errors have no-store.
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.days(1),
    maxTtl: MAX_TTL,
    enableAcceptEncodingBrotli: false,
    enableAcceptEncodingGzip: false,
  })
}

function createAcceptFunction(stack: Stack): EdgeFunction {
  return new EdgeFunction(stack, 'ReduceAccept', {
    comment: 'imgproc: reduces Accept to the best format that the client shows',
    runtime: FunctionRuntime.JS_2_0,
    code: FunctionCode.fromInline(readFileSync(`${FOLDER}edge/reduce-accept.js`, 'utf8')),
  })
}

function createUploadBehavior(stack: Stack, fn: Function): BehaviorOptions {
  const api = new HttpApi(stack, 'Uploads', { description: 'imgproc: uploads' })
  const integration = new HttpLambdaIntegration('UploadsFunction', fn)
  api.addRoutes({ path: '/v1/{proxy+}', integration })
  const domain = Fn.select(2, Fn.split('/', api.apiEndpoint))
  return {
    origin: new HttpOrigin(domain),
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    // With the token, but not with the host, by which the API is found.
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    compress: false,
  }
}
