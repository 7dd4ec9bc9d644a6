import { compareGroups } from './compare-groups.ts'

compareGroups(0)
