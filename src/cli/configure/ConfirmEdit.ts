/**
 * The question before existing settings change.
 */
import * as Effect from "effect/Effect"
import type * as ConfigEdit from "../../config/ConfigEdit.ts"
import * as SharedConfig from "../../config/SharedConfig.ts"
import * as Ask from "../terminal/Ask.ts"
import { oneLine } from "../terminal/SafeText.ts"
import { Stderr } from "../terminal/Stderr.ts"
import { AnswerMissing, Declined } from "./ConfigureFailure.ts"
import type { Task } from "./ConfigureTask.ts"

/** Shows which settings of a section would change, and asks for confirmation. */
export const confirmEdit = Effect.fnUntraced(function* (
  { canAsk, replace }: Task,
  present: SharedConfig.Settings,
  { kind, name, settings }: ConfigEdit.Edit
) {
  const stderr = yield* Stderr
  const changes = Object.entries(settings).filter(([key, value]) => present[key] !== value)
  const replaces = changes.some(([key]) => SharedConfig.setting(present, key) !== undefined)
  // Completing a session changes nothing; any change of a profile can be unwanted
  const isOthers = kind === "profile" ? Object.keys(present).length > 0 && changes.length > 0 : replaces
  if (!isOthers) return
  const header = name === "default" && kind === "profile" ? "[default]" : `[${kind} ${name}]`
  const others = Object.keys(present).filter((key) => !(key in settings))
  const lines = [
    `${header} exists. These settings would change:`,
    ...changes.map(
      ([key, value]) => `  ${key}: ${oneLine(SharedConfig.setting(present, key) ?? "(none)")} -> ${oneLine(value)}`
    ),
    ...(others.length === 0 ? [] : [`These settings would stay: ${others.join(", ")}`])
  ]
  yield* stderr.say(lines.join("\n"))
  if (replace) return
  if (!canAsk) return yield* new AnswerMissing({ flags: ["--replace"] })
  if (yield* Ask.confirm(`Change ${header}?`)) return
  return yield* new Declined({ flag: kind === "profile" ? "--profile" : "--sso-session" })
})
