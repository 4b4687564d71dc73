/**
 * All that an effect shows to others, and the check that it contains no secret.
 */
import { inspect } from "node:util"
import { assert } from "@effect/vitest"
import { Cause, Effect, Exit, Logger, References, Tracer } from "effect"

export interface Witnessed<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly spans: ReadonlyArray<Tracer.NativeSpan>
  readonly logs: ReadonlyArray<string>
  /** The annotations of each log line. */
  readonly annotations: ReadonlyArray<Readonly<Record<string, unknown>>>
}

/** Runs an effect to its exit, and records every span and every log line. */
export const witness = Effect.fnUntraced(function* <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.fn.Return<Witnessed<A, E>, never, R> {
  const spans: Array<Tracer.NativeSpan> = []
  const logs: Array<string> = []
  const annotations: Array<Readonly<Record<string, unknown>>> = []
  const tracer = Tracer.make({
    span(options) {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const logger = Logger.make(({ cause, fiber, logLevel, message }) => {
    annotations.push({ ...fiber.getRef(References.CurrentLogAnnotations) })
    logs.push(`${logLevel}: ${inspect([message, cause], { depth: Infinity })} ${Cause.pretty(cause)}`)
  })
  const exit = yield* Effect.exit(effect).pipe(
    Effect.provideService(Tracer.Tracer, tracer),
    Effect.provide(Logger.layer([logger])),
    Effect.provideService(References.MinimumLogLevel, "All")
  )
  return { exit, spans, logs, annotations }
})

/** A value in all the ways in which it can be printed. */
const seen = (value: unknown): ReadonlyArray<string> => [
  inspect(value, { depth: Infinity, showHidden: true }),
  JSON.stringify(value) ?? "",
  String(value),
  ...(value instanceof Error ? [value.message, value.stack ?? "", String(value.cause)] : [])
]

const everything = ({ annotations, exit, logs, spans }: Witnessed<unknown, unknown>): ReadonlyArray<string> => [
  ...seen(exit),
  ...(Exit.isFailure(exit)
    ? [
        Cause.pretty(exit.cause),
        ...Cause.prettyErrors(exit.cause).flatMap(seen),
        ...exit.cause.reasons.flatMap((reason) => (Cause.isFailReason(reason) ? seen(reason.error) : seen(reason)))
      ]
    : []),
  ...spans.flatMap((span) => [
    span.name,
    ...seen([...span.attributes]),
    ...seen(span.events),
    ...seen(span.status._tag === "Ended" ? span.status.exit : undefined)
  ]),
  ...logs,
  ...annotations.flatMap(seen)
]

/** Fails if one of the secrets shows, however it is printed. */
export const assertNoSecret = (witnessed: Witnessed<unknown, unknown>, secrets: ReadonlyArray<string>): void => {
  for (const text of everything(witnessed)) {
    for (const secret of secrets) assert.notInclude(text, secret)
  }
}

/** The typed error of an exit. Fails for a defect, an interruption or a success. */
export const failure = <A, E>({ exit }: Witnessed<A, E>): E => {
  if (Exit.isSuccess(exit)) return assert.fail(`it succeeded: ${inspect(exit.value)}`)
  const [reason, ...others] = exit.cause.reasons
  return others.length === 0 && reason !== undefined && Cause.isFailReason(reason)
    ? reason.error
    : assert.fail(`it is no typed error: ${Cause.pretty(exit.cause)}`)
}
