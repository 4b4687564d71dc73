/**
 * Asks the user questions, on standard error.
 */
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import { oneLine, safe } from "./SafeText.ts"
import { Stderr } from "./Stderr.ts"

/** Whether a user can be asked: standard input is a terminal, and lines can be redrawn. */
export const isPossible: Effect.Effect<boolean, never, Stdio.Stdio | Stderr> = Effect.gen(function* () {
  const { stdinIsTerminal } = yield* Stdio.Stdio
  return (yield* stdinIsTerminal) && (yield* Stderr).canRedraw
})

// Not Escape: on a slow connection, it cannot be distinguished from the first part of another key
const isQuit = ({ key }: Terminal.UserInput): boolean => key.ctrl && (key.name === "c" || key.name === "d")

/**
 * Provides the terminal of the process, with standard error instead of standard output.
 *
 * **Details**
 *
 * It reads the keyboard until its scope closes. Only one can do so at a time: the first one that stops, stops the keyboard
 * for all. So each round of questions has its own terminal, and a sign-in too, which does not see what was typed before.
 */
export const layerTerminal: Layer.Layer<Terminal.Terminal> = Layer.effect(
  Terminal.Terminal,
  Effect.map(NodeTerminal.make(isQuit), (terminal) => {
    const { stderr } = process
    return Terminal.make({
      ...terminal,
      columns: Effect.sync(() => stderr.columns ?? 0),
      rows: Effect.sync(() => stderr.rows ?? 0),
      display: (text) => Effect.sync(() => stderr.write(text))
    })
  })
)

// While keys are read, Ctrl-C is a key and not a signal
const ask = Effect.fnUntraced(
  function* <A>(prompt: Prompt.Prompt<A>): Effect.fn.Return<A, Terminal.QuitError, Prompt.Environment | Stderr> {
    const { canColor } = yield* Stderr
    // White text cannot be read on a white terminal
    const theme = Prompt.makeTheme({ colors: canColor, submittedColor: "" })
    return yield* Effect.provideService(Prompt.run(prompt), Prompt.Theme, theme)
  },
  Effect.catchTag("QuitError", () =>
    Effect.andThen(
      Stderr.use((stderr) => stderr.say("")),
      Effect.interrupt
    )
  )
)

/** Asks for a line. A `problem` is shown below it, for the user to correct. */
export const text = (options: {
  readonly message: string
  /** The present value, for the user to accept or to change. */
  readonly suggestion?: string | undefined
  readonly problem: (answer: string) => string | undefined
}): Effect.Effect<string, never, Prompt.Environment | Stderr> => {
  const { message, problem, suggestion = "" } = options
  const validate = (answer: string): Effect.Effect<string, string> => {
    const trimmed = answer.trim()
    const found = problem(trimmed)
    return found === undefined ? Effect.succeed(trimmed) : Effect.fail(found)
  }
  return ask(Prompt.String({ message: oneLine(message), default: oneLine(suggestion), validate }))
}

/** One thing to choose, and how it is shown. */
export interface Choice<A> {
  readonly title: string
  readonly value: A
}

// A longer list has pages, and a filter
const pageSize = 10

/** Lets the user choose one of several with the arrow keys, and filter a long list by typing. */
export const choose = <A>(options: {
  readonly message: string
  readonly choices: ReadonlyArray<Choice<A>>
  /** The choice that is selected at first. The first choice by default. */
  readonly isSuggested?: ((value: A) => boolean) | undefined
}): Effect.Effect<A, never, Prompt.Environment | Stderr> => {
  const { choices, isSuggested, message } = options
  const suggested = isSuggested === undefined ? -1 : choices.findIndex(({ value }) => isSuggested(value))
  const shown = {
    message: oneLine(message),
    maxPerPage: pageSize,
    choices: choices.map(({ title, value }, index) => ({ title: safe(title), value, selected: index === suggested }))
  }
  return ask(choices.length > pageSize ? Prompt.AutoComplete(shown) : Prompt.Select(shown))
}

/** Asks for a yes. Enter alone means no. */
export const confirm = (message: string): Effect.Effect<boolean, never, Prompt.Environment | Stderr> =>
  ask(Prompt.Confirm({ message: oneLine(message) }))
