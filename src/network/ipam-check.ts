import { EngineError } from '../base/errors.ts'
import type { IPAMConfig } from '../spec/engine-api/network.ts'
import { formatCidr, isInside, parseCidr, parseIp } from './ip.ts'

function problemsOf({ Subnet = '', IPRange, Gateway, AuxiliaryAddresses }: IPAMConfig): string[] {
  const subnet = parseCidr(Subnet)
  if (!subnet) return [`invalid subnet ${Subnet}: invalid CIDR block notation`]
  const problems: string[] = []
  if (subnet.address !== subnet.base) problems.push(`invalid subnet ${Subnet}: it should be ${formatCidr(subnet)}`)
  if (IPRange) {
    const range = parseCidr(IPRange)
    if (!range) problems.push(`invalid ip-range ${IPRange}: invalid CIDR block notation`)
    else if (range.prefix < subnet.prefix)
      problems.push(`invalid ip-range ${IPRange}: CIDR block is bigger than its parent subnet ${Subnet}`)
    else if (range.address !== range.base)
      problems.push(`invalid ip-range ${IPRange}: it should be ${formatCidr(range)}`)
    else if (!isInside(IPRange.split('/')[0]!, subnet))
      problems.push(`invalid ip-range ${IPRange}: parent subnet ${Subnet} doesn't contain ip-range`)
  }
  const address = (what: string, text: string) => {
    if (!parseIp(text)) problems.push(`invalid ${what}: invalid address`)
    else if (!isInside(text, subnet))
      problems.push(`invalid ${what}: parent subnet ${Subnet} doesn't contain this address`)
  }
  if (Gateway) address(`gateway ${Gateway}`, Gateway)
  for (const [name, text] of Object.entries(AuxiliaryAddresses ?? {})) address(`auxiliary address ${name}`, text)
  return problems
}

/** @throws EngineError `invalid` that names everything wrong */
export function checkIpam(configs: readonly IPAMConfig[]): void {
  const problems = configs.flatMap(problemsOf)
  if (problems.length === 0) return
  const list = problems.length === 1 ? problems[0] : problems.map(problem => `* ${problem}`).join('\n')
  throw new EngineError('invalid', `invalid network config:\n${list}`)
}
