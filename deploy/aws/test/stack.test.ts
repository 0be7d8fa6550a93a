import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { runInNewContext } from 'node:vm'
import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { FOLDER } from '../lib/folder.js'
import { ImgprocStack } from '../lib/imgproc-stack.js'
import { readParameters } from '../lib/parameters.js'

const CODE = `${FOLDER}function`
const TOKEN = { id: 'web', hash: 'a'.repeat(64), scopes: ['read', 'write'] }

function synthesise(context: Record<string, unknown> = {}, options: Record<string, unknown> = {}): Template {
  const all = { code: CODE, options: '/nothing.json', ...context }
  const { stackName, ...parameters } = readParameters((name) => Reflect.get(all, name))
  return Template.fromStack(new ImgprocStack(new App(), stackName, { ...parameters, options }))
}

/** Returns the statements of the function's own policy. */
function statements(template: Template): { Action: string | string[]; Resource: unknown }[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'))
  return policies
    .filter(([id]) => id.startsWith('Function'))
    .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement)
}

function optionsOf(template: Template): Record<string, unknown> {
  const fn = Object.entries(template.findResources('AWS::Lambda::Function')).find(([id]) =>
    id.startsWith('Function'),
  )
  const { IMGPROC_OPTIONS: value } = fn![1].Properties.Environment.Variables
  const parts: unknown[] = value['Fn::Join'][1]
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'BUCKET')).join(''))
}

describe('stack', () => {
  it('keeps both buckets private, encrypted and reached by TLS only', () => {
    const template = synthesise()
    template.resourceCountIs('AWS::S3::Bucket', 2)
    template.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    })
    template.allResourcesProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    })
  })

  it('keeps originals when it is destroyed, and results only with uploads', () => {
    const policies = (template: Template) =>
      Object.entries(template.findResources('AWS::S3::Bucket')).map(([id, bucket]) => [
        id.replace(/[\dA-F]{8}$/, ''),
        bucket.DeletionPolicy,
      ])
    assert.deepEqual(Object.fromEntries(policies(synthesise())), { Originals: 'Retain', Store: 'Delete' })
    const withUploads = synthesise({ uploads: true }, { tokens: [TOKEN] })
    assert.deepEqual(Object.fromEntries(policies(withUploads)), { Originals: 'Retain', Store: 'Retain' })
  })

  it('encrypts by a key of its own on request, which the function may use but not manage', () => {
    synthesise().resourceCountIs('AWS::KMS::Key', 0)
    const template = synthesise({ kms: 'true' })
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true })
    const actions = statements(template).flatMap(({ Action }) => Action)
    assert.deepEqual(actions.filter((action) => action.startsWith('kms:')).toSorted(), [
      'kms:Decrypt',
      'kms:GenerateDataKey',
    ])
  })

  it('gives the function the rights that it needs and no others', () => {
    const all = statements(synthesise())
    const actions = [...new Set(all.flatMap(({ Action }) => Action))].toSorted()
    assert.deepEqual(actions, [
      's3:DeleteObject',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
      'secretsmanager:GetSecretValue',
    ])
    assert.ok(all.every(({ Resource }) => JSON.stringify(Resource) !== '"*"'))
    const writes = all.filter(({ Action }) => [Action].flat().includes('s3:PutObject'))
    assert.equal(writes.length, 1)
    assert.match(JSON.stringify(writes[0]!.Resource), /Store.*\/imgproc\/\*/)
    assert.doesNotMatch(JSON.stringify(writes), /Originals/)
  })

  it('lets CloudFront alone ask the function for pictures', () => {
    const template = synthesise()
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'AWS_IAM' })
    template.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
      OriginAccessControlConfig: {
        OriginAccessControlOriginType: 'lambda',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      },
    })
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission')).map(
      ({ Properties }) => Properties,
    )
    assert.ok(permissions.some(({ Action }) => Action === 'lambda:InvokeFunctionUrl'))
    for (const { Principal, SourceArn } of permissions) {
      assert.equal(Principal, 'cloudfront.amazonaws.com')
      assert.match(JSON.stringify(SourceArn), /distribution\//)
    }
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 0)
  })

  it('keys the cache by path, query and the reduced Accept', () => {
    const template = synthesise()
    template.hasResourceProperties('AWS::CloudFront::CachePolicy', {
      CachePolicyConfig: {
        MinTTL: 0,
        ParametersInCacheKeyAndForwardedToOrigin: {
          QueryStringsConfig: { QueryStringBehavior: 'all' },
          HeadersConfig: { HeaderBehavior: 'whitelist', Headers: ['Accept'] },
          CookiesConfig: { CookieBehavior: 'none' },
        },
      },
    })
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        DefaultCacheBehavior: {
          ViewerProtocolPolicy: 'redirect-to-https',
          AllowedMethods: ['GET', 'HEAD'],
          FunctionAssociations: [Match.objectLike({ EventType: 'viewer-request' })],
        },
      },
    })
  })

  it('holds the signing keys in Secrets Manager, and in no variable', () => {
    const template = synthesise()
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { GenerateStringKey: 'main', PasswordLength: 64, SecretStringTemplate: '{}' },
    })
    assert.deepEqual(optionsOf(template), {
      demo: false,
      signatures: 'required',
      store: 's3://BUCKET/imgproc/',
      sources: { images: 's3://BUCKET/' },
      cacheBytes: 1e15,
    })
    synthesise({ signatures: 'off' }).resourceCountIs('AWS::SecretsManager::Secret', 0)
  })

  it('passes on the demo page, the options of imgproc.json, architecture and memory', () => {
    const template = synthesise(
      { demo: 'true', architecture: 'x64', memory: '3008' },
      { presets: { card: { ops: [] } } },
    )
    const { demo, presets } = optionsOf(template)
    assert.deepEqual({ demo, presets }, { demo: true, presets: { card: { ops: [] } } })
    template.hasResourceProperties('AWS::Lambda::Function', {
      Architectures: ['x86_64'],
      Handler: 'handler.handler',
      MemorySize: 3008,
      Runtime: 'nodejs22.x',
      Timeout: 30,
    })
  })

  it('takes uploads by an HTTP API that is not cached, and only with tokens', () => {
    assert.throws(() => synthesise({ uploads: true }), /npx imgproc token web/)
    const template = synthesise({ uploads: true }, { tokens: [TOKEN] })
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'ANY /v1/{proxy+}' })
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        CacheBehaviors: [
          Match.objectLike({
            PathPattern: '/v1/*',
            AllowedMethods: Match.arrayWith(['POST', 'DELETE']),
            CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
          }),
        ],
      },
    })
  })

  it('tells a topic about crashes, errors, throttles and slowness, and mails on request', () => {
    const template = synthesise({ alarmEmail: 'ops@example.com' })
    template.resourceCountIs('AWS::CloudWatch::Alarm', 4)
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: Match.anyValue(),
      TreatMissingData: 'notBreaching',
    })
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    })
    synthesise().resourceCountIs('AWS::SNS::Subscription', 0)
  })

  it('refuses wrong parameters', () => {
    assert.throws(
      () => synthesise({ signatures: 'on' }),
      /signatures: expected one of required, optional, off/,
    )
    assert.throws(() => synthesise({ demo: 'yes' }), /demo: expected true or false/)
    assert.throws(() => synthesise({ memory: 100 }), /memory: expected a whole number from 256 to 10240/)
  })
})

describe('reduce-accept', () => {
  const source = readFileSync(`${FOLDER}edge/reduce-accept.js`, 'utf8')
  const reduce = (uri: string, querystring: object, accept?: string): string => {
    const request = { uri, querystring, headers: accept === undefined ? {} : { accept: { value: accept } } }
    return runInNewContext(`${source}\nhandler({ request }).headers.accept.value`, { request })
  }
  const CHROME = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8'
  const auto = { format: { value: 'auto' } }

  it('keeps the best format of requests that depend on it', () => {
    assert.equal(reduce('/images/a.jpg', auto, CHROME), 'image/avif,image/webp')
    assert.equal(
      reduce('/images/a.jpg', { preset: { value: 'card' } }, 'image/webp;q=0.9, */*'),
      'image/webp',
    )
    assert.equal(reduce('/v1/images/1.auto', {}, CHROME), 'image/avif,image/webp')
    assert.equal(reduce('/images/a.jpg', auto, 'image/avif;q=0, image/webp'), 'image/webp')
    assert.equal(reduce('/images/a.jpg', auto), '*/*')
  })

  it('makes all other requests equal', () => {
    assert.equal(reduce('/images/a.jpg', { thumbnail: { value: '200' } }, CHROME), '*/*')
    assert.equal(reduce('/images/a.jpg', { format: { value: 'webp' } }, CHROME), '*/*')
  })
})
