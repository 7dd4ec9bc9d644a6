import { EngineError } from '../../base/errors.ts'
import type { Dockerfile } from '../dockerfile/instruction.ts'
import { lint, lintStage } from '../dockerfile/lint.ts'
import type { LintWarning } from '../dockerfile/lint-rules.ts'
import { ClientContext } from './context.ts'
import { readDockerfile } from './files.ts'
import type { Request } from './job.ts'
import { outlineAnswer } from './outline.ts'
import { planner } from './planner.ts'
import { reachable, targetOf } from './reachable.ts'
import { type Answer, describeAnswer, lintAnswer, type RequestName, targetsAnswer } from './requests.ts'
import { type FileText, parseWithSource } from './source.ts'
import type { PlannedStage } from './stages.ts'
import { checkSettings, ignoredCopies, violation, wantedWarnings } from './warnings.ts'

/** Answers what a client asks of a Dockerfile instead of a build. */
export async function answerRequest(request: Request, name: RequestName): Promise<Answer> {
  if (name === 'frontend.subrequests.describe') return describeAnswer()
  const { client, options, progress } = request
  const files = await readDockerfile(client, options, progress)
  const text = { fileName: options.fileName, text: files.dockerfile }
  if (name === 'frontend.lint') return checkText(request, text, files.ignore)
  const file = parseWithSource(text, options)
  return name === 'frontend.targets' ? targetsAnswer(file, text) : outline(request, file, text, files.ignore)
}

/** Plans the stages that the target needs. */
async function outline(request: Request, file: Dockerfile, text: FileText, ownRules: string | undefined) {
  const { options } = request
  await using context = new ClientContext({ ...request, dockerfile: text.text, ownRules })
  const { stageAt } = planner(request, file, text, context, [], options.signal ?? new AbortController().signal)
  const target = await stageAt(targetOf(file, options.target))
  return outlineAnswer(file, text, target, await reachable(file, target, stageAt))
}

/** Plans every stage, needed or not, and reports what the checks found on the way, and what stopped them. */
async function checkText(request: Request, text: FileText, ownRules: string | undefined): Promise<Answer> {
  const { options } = request
  const warnings: LintWarning[] = []
  let file: Dockerfile | undefined
  const wanted = () => (file ? wantedWarnings(file, options, warnings) : [])
  try {
    file = parseWithSource(text, options)
    const settings = checkSettings(file, options)
    await checkFile(request, file, text, ownRules, warnings)
    const found = wanted()
    return lintAnswer(found, text, settings.error && found.length > 0 ? violation(found) : undefined)
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'cancelled') throw error
    return lintAnswer(isAboutSettings(error) ? [] : wanted(), text, error)
  }
}

const isAboutSettings = ({ message }: EngineError) => message.startsWith('failed to parse check options')

async function checkFile(
  request: Request,
  file: Dockerfile,
  text: FileText,
  ownRules: string | undefined,
  warnings: LintWarning[],
): Promise<void> {
  warnings.push(...lint(file), ...file.stages.flatMap(stage => lintStage(stage)))
  await using context = new ClientContext({ ...request, dockerfile: text.text, ownRules })
  const signal = request.options.signal ?? new AbortController().signal
  const { stageAt } = planner(request, file, text, context, warnings, signal)
  const stages: PlannedStage[] = []
  for (const index of file.stages.keys()) stages.push(await stageAt(index))
  await reachable(file, stages[targetOf(file, request.options.target)]!, stageAt)
  await context.prepare([])
  warnings.push(...ignoredCopies(stages, context.excluded))
}
