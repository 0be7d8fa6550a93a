import { createLocalEngine } from '../../src/engines/local.js'
import { describeEngine } from './contract.js'

describeEngine('local', createLocalEngine)
