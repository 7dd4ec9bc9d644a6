import { contentStoreSuite } from '../../test/suites/content.ts'
import { MemoryContentStore } from './memory-content-store.ts'

contentStoreSuite('memory', () => new MemoryContentStore())
