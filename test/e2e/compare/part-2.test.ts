import { describe, test } from 'node:test'
import { compareGroup, groupsOf, skip } from './compare-groups.ts'

describe('answers as dockerd does', { skip, timeout: 900_000 }, () => {
  for (const group of groupsOf(2)) test(group, { timeout: 300_000 }, () => compareGroup(group))
})
