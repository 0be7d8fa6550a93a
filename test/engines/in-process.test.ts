import { createInProcessEngine } from '../../src/engines/in-process.js'
import { describeEngine } from './contract.js'

describeEngine('in-process', createInProcessEngine)
