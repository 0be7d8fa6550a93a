import { App } from 'aws-cdk-lib'
import { ImgprocStack } from '../lib/imgproc-stack.js'
import { readParameters } from '../lib/parameters.js'

const app = new App()
const { stackName, ...parameters } = readParameters((name) => app.node.tryGetContext(name))
new ImgprocStack(app, stackName, {
  ...parameters,
  description: 'imgproc: images on demand from S3, behind CloudFront',
  // Without an account, the stack can be synthesised and deployed anywhere.
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
})
