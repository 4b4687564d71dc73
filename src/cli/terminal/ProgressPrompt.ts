/**
 * Shows a sign-in: the page and the code, and then the progress.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import { AuthorizationPrompt, instructions } from "../../login/AuthorizationPrompt.ts"
import * as NodePrompt from "../../node/NodePrompt.ts"
import { safeLines } from "./SafeText.ts"
import { Stderr } from "./Stderr.ts"

type Prompt = AuthorizationPrompt["Service"]

const waiting = "waiting for approval"

const news = {
  SlowedDown: "waiting for approval, polling less often",
  Unreachable: "the service cannot be reached, trying again"
}

const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"

/** Milliseconds: short enough for a smooth countdown. */
const framePeriod = 100

const countdown = (left: Duration.Duration): string => {
  const seconds = Math.max(0, Math.ceil(Duration.toSeconds(left)))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`
}

/** An animated line with the time left. */
const makeAnimated = Effect.fnUntraced(function* (
  stderr: Stderr["Service"]
): Effect.fn.Return<Prompt, never, Scope.Scope> {
  const scope = yield* Effect.scope
  yield* Effect.addFinalizer(() => stderr.draw(""))
  const activity = yield* Ref.make(waiting)

  const spin = Effect.fnUntraced(function* (timeLeft: Duration.Duration) {
    const start = yield* Clock.currentTimeMillis
    const frame = Effect.gen(function* () {
      const elapsed = (yield* Clock.currentTimeMillis) - start
      const glyph = frames.charAt(Math.floor(elapsed / framePeriod) % frames.length)
      const left = countdown(Duration.subtract(timeLeft, Duration.millis(elapsed)))
      yield* stderr.draw(`${glyph} ${yield* Ref.get(activity)}, ${left}`)
    })
    yield* Effect.forkIn(Effect.repeat(frame, Schedule.spaced(framePeriod)), scope)
  })

  return {
    show: (state) => {
      if (state._tag === "Prompting" || state._tag === "Redirecting") {
        const text = safeLines(instructions(state)).replaceAll(
          /^ {2}(.+)$/gm,
          (_, line: string) => `  ${stderr.emphasize(line)}`
        )
        // Nothing is drawn over a line on which the user may be pasting
        const show = stderr.sayStyled(`${text}\n`)
        return state._tag === "Prompting" ? Effect.andThen(show, spin(state.timeLeft)) : show
      }
      return Ref.set(activity, state._tag === "SlowedDown" || state._tag === "Unreachable" ? news[state._tag] : waiting)
    }
  }
})

/** One line for each change. */
const makePlain = (stderr: Stderr["Service"]): Prompt => {
  const said = new Set<keyof typeof news>()
  const sayOnce = (tag: keyof typeof news) =>
    Effect.suspend(() => {
      if (said.has(tag)) return Effect.void
      said.add(tag)
      return stderr.say(news[tag])
    })
  return {
    show: (state) => {
      switch (state._tag) {
        case "Prompting":
        case "Redirecting":
          return stderr.say(`${instructions(state)}\n\n${waiting}, ${countdown(state.timeLeft)}`)
        case "SlowedDown":
        case "Unreachable":
          return sayOnce(state._tag)
        case "Pending":
          // The next outage is reported again
          return Effect.sync(() => said.delete("Unreachable"))
        default:
          return Effect.void
      }
    }
  }
}

/**
 * Shows a sign-in on standard error: with a countdown where a line can be redrawn, in plain lines elsewhere.
 */
export const layer = (options: {
  readonly openBrowser: boolean
}): Layer.Layer<AuthorizationPrompt, never, FileSystem.FileSystem | Stderr | Stdio.Stdio | Terminal.Terminal> =>
  Layer.effect(
    AuthorizationPrompt,
    Effect.gen(function* () {
      const stderr = yield* Stderr
      const prompt = stderr.canRedraw ? yield* makeAnimated(stderr) : makePlain(stderr)
      return yield* NodePrompt.extend(prompt, { openBrowser: options.openBrowser, print: stderr.sayStyled })
    })
  )
