/**
 * The session of a profile: from the flags, from the config file, or from the user.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SharedConfig from "../../config/SharedConfig.ts"
import * as SsoSession from "../../session/SsoSession.ts"
import * as Ask from "../terminal/Ask.ts"
import { AnswerMissing } from "./ConfigureFailure.ts"
import { profileOf, sessionOf, type Task } from "./ConfigureTask.ts"
import { nameProblem, regionProblem, startUrlProblem } from "./Problems.ts"

/** The name of an existing session, or of a new one. */
const askName = Effect.fnUntraced(function* (task: Task) {
  const names = Object.keys(task.shared.ssoSessions)
  const known =
    names.length === 0
      ? undefined
      : yield* Ask.choose<string | undefined>({
          message: "Session",
          choices: [
            ...names.map((name) => ({ title: name, value: name })),
            { title: "(new session)", value: undefined }
          ]
        })
  return known ?? (yield* Ask.text({ message: "Session name", problem: nameProblem("sso-session") }))
})

/** The session of the profile. */
export const askSession = Effect.fnUntraced(function* (task: Task) {
  const { canAsk, profile } = task
  const ofProfile = SharedConfig.setting(profileOf(task, profile), "sso_session")
  const name = task.ssoSession ?? ofProfile ?? (canAsk ? yield* askName(task) : undefined)
  const present = sessionOf(task, name)
  const answer = Effect.fnUntraced(function* (
    given: string | undefined,
    key: string,
    message: string,
    problem: (answer: string) => string | undefined
  ) {
    const configured = SharedConfig.setting(present, key)
    if (given !== undefined) return given
    const isAnswered = configured !== undefined && problem(configured) === undefined
    return isAnswered || !canAsk ? configured : yield* Ask.text({ message, suggestion: configured, problem })
  })
  const startUrl = yield* answer(task.startUrl, "sso_start_url", "Start URL", startUrlProblem)
  const region = yield* answer(task.region, "sso_region", "Region of IAM Identity Center", regionProblem)
  if (name === undefined || startUrl === undefined || region === undefined) {
    const answers = { "--sso-session": name, "--start-url": startUrl, "--region": region }
    const missing = Object.entries(answers).filter(([, answer]) => answer === undefined)
    return yield* new AnswerMissing({ flags: missing.map(([flag]) => flag) })
  }
  const session = yield* SsoSession.make({ name, startUrl, region })
  // The other settings of the section apply to the sign-in too
  const configured = yield* Effect.option(SsoSession.fromSsoSession(name))
  return {
    name,
    session: Option.match(configured, {
      onNone: () => session,
      onSome: (configured) => new SsoSession.SsoSession({ ...configured, startUrl, region })
    })
  }
})
