import { createLocalEngine } from '../../src/engines/in-process.js'
import { describeEngine } from './contract.js'

describeEngine('local', createLocalEngine)
