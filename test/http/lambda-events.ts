// Events in the shapes that AWS documents, with the fields that AWS sends.

interface Asked {
  readonly method?: string
  readonly path: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** An event of an HTTP API, payload format 2.0. */
export function apiGatewayV2({ method = 'GET', path, query = '', headers = {} }: Asked): object {
  const host = 'r3pmxmplak.execute-api.eu-central-1.amazonaws.com'
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: {
      accept: '*/*',
      'content-length': '0',
      host,
      'user-agent': 'curl/8.5.0',
      'x-amzn-trace-id': 'Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e',
      'x-forwarded-for': '205.255.255.176',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...headers,
    },
    ...(query !== '' && { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'r3pmxmplak',
      domainName: host,
      domainPrefix: 'r3pmxmplak',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '205.255.255.176', userAgent: 'curl/8.5.0' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '10/Mar/2026:05:16:23 +0000',
      timeEpoch: 1_773_119_783_636,
    },
    isBase64Encoded: false,
  }
}

/** An event of a function URL, as CloudFront with origin access control asks it. */
export function functionUrl({ method = 'GET', path, query = '', headers = {} }: Asked): object {
  const host = 'xmpl3jhfzxsmnfnmvtznncouim0mecwy.lambda-url.eu-central-1.on.aws'
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: {
      accept: '*/*',
      host,
      'user-agent': 'Amazon CloudFront',
      via: '2.0 1be5d1ce0ffcf32c48ec3d3ddcabc3b0.cloudfront.net (CloudFront)',
      'x-amz-cf-id': 'xmplrSoZsnnXEFyMXYz2Oc9JhkDMGMtA==',
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'x-forwarded-for': '205.255.255.176',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...headers,
    },
    ...(query !== '' && { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'xmpl3jhfzxsmnfnmvtznncouim0mecwy',
      authentication: null,
      domainName: host,
      domainPrefix: 'xmpl3jhfzxsmnfnmvtznncouim0mecwy',
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '205.255.255.176',
        userAgent: 'Amazon CloudFront',
      },
      requestId: '0e5ec7e2-xmpl-4b4c-9f2c-8f0d9d2f0f7a',
      routeKey: '$default',
      stage: '$default',
      time: '10/Mar/2026:05:16:23 +0000',
      timeEpoch: 1_773_119_783_636,
    },
    isBase64Encoded: false,
  }
}

/** An event of an application load balancer, which does not decode the query. */
export function loadBalancer({ method = 'GET', path, query = '', headers = {} }: Asked): object {
  const pairs = query.split('&').filter((pair) => pair !== '')
  return {
    requestContext: {
      elb: {
        targetGroupArn:
          'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/lambda-target/50dc6c495c0c9188',
      },
    },
    httpMethod: method,
    path,
    queryStringParameters: Object.fromEntries(
      pairs.map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
    ),
    headers: {
      accept: '*/*',
      host: 'lambda-alb-123578498.eu-central-1.elb.amazonaws.com',
      'user-agent': 'ELB-HealthChecker/2.0',
      'x-amzn-trace-id': 'Root=1-5c536348-3d683b8b04734faae651f476',
      'x-forwarded-for': '72.21.198.66',
      'x-forwarded-port': '80',
      'x-forwarded-proto': 'http',
      ...headers,
    },
    body: '',
    isBase64Encoded: false,
  }
}

/** An event of a REST API, payload format 1.0. */
export function apiGatewayV1({ method = 'GET', path, query = '', headers = {} }: Asked): object {
  const parameters = new URLSearchParams(query)
  const names = [...new Set(parameters.keys())]
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: { Accept: '*/*', Host: '70ixmpl4fl.execute-api.eu-central-1.amazonaws.com', ...headers },
    multiValueHeaders: { Accept: ['*/*'] },
    queryStringParameters: query === '' ? null : Object.fromEntries(parameters),
    multiValueQueryStringParameters:
      query === '' ? null : Object.fromEntries(names.map((name) => [name, parameters.getAll(name)])),
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      apiId: '70ixmpl4fl',
      domainName: '70ixmpl4fl.execute-api.eu-central-1.amazonaws.com',
      httpMethod: method,
      identity: { sourceIp: '205.255.255.176', userAgent: 'curl/8.5.0' },
      path: `/prod${path}`,
      protocol: 'HTTP/1.1',
      requestId: '66da07c3-xmpl-4f5d-8b7e-0f2f8c2a3b1d',
      resourcePath: '/{proxy+}',
      stage: 'prod',
    },
    body: null,
    isBase64Encoded: false,
  }
}
