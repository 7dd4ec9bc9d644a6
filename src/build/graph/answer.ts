import { SolveError } from '../../spec/engine-api/solve-error.ts'
import type { Dockerfile } from '../dockerfile/instruction.ts'
import { lint } from '../dockerfile/lint.ts'
import type { LintWarning } from '../dockerfile/lint-rules.ts'
import { ClientContext } from './context.ts'
import { readDockerfile } from './files.ts'
import type { Request } from './job.ts'
import { planner } from './planner.ts'
import { reachable, targetOf } from './reachable.ts'
import { type Answer, describeAnswer, lintAnswer, outlineAnswer, type RequestName, targetsAnswer } from './requests.ts'
import { type FileText, parseWithSource } from './source.ts'
import { wantedWarnings } from './warnings.ts'

/** Answers what a client asks of a Dockerfile instead of a build. */
export async function answerRequest(request: Request, name: RequestName): Promise<Answer> {
  if (name === 'frontend.subrequests.describe') return describeAnswer()
  const { client, options, progress } = request
  const { dockerfile } = await readDockerfile(client, options, progress)
  const text = { fileName: options.fileName, text: dockerfile }
  const file = parseWithSource(text)
  if (name === 'frontend.targets') return targetsAnswer(file, text)
  if (name === 'frontend.outline') return outlineAnswer(file, text)
  return checkFile(request, file, text)
}

/** Plans the stages that a build would need, and reports what the checks found on the way. */
async function checkFile(request: Request, file: Dockerfile, text: FileText): Promise<Answer> {
  const { options } = request
  const warnings: LintWarning[] = [...lint(file)]
  await using context = new ClientContext({ ...request, dockerfile: text.text, ownRules: undefined })
  const { stageAt } = planner(request, file, text, context, warnings, options.signal ?? new AbortController().signal)
  try {
    await reachable(file, await stageAt(targetOf(file, options.target)), stageAt)
    return lintAnswer(wantedWarnings(file, options, warnings), text)
  } catch (error) {
    if (!(error instanceof SolveError)) throw error
    const { start: line, end: endLine } = error.source?.ranges[0] ?? { start: 1, end: 1 }
    const failure = { message: error.message, line, endLine }
    return lintAnswer(wantedWarnings(file, options, warnings), text, failure)
  }
}
