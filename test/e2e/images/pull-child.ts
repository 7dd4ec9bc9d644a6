// Pulls an image into a root: for a test that kills it on the way.
import { openImages } from './harness.ts'

const [root = '', name = ''] = process.argv.slice(2)
const here = openImages(root)
await here.pull(name)
console.log('pulled')
