/**
 * The device authorization flow: the user approves on any device, while this one polls the service for the token.
 *
 * **When to use**
 *
 * Use `authorize` for a sign-in in one process. Use `start` and `poll` where two processes share the work, such as a web
 * server and its worker: `Pending` can be stored in between. Use `schedule` for a custom poller. `Login.device` stores
 * the token as well.
 *
 * **Example** (One process starts the flow, and another one polls)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { DeviceFlow, type SsoSession } from "effect-aws-sso"
 *
 * const codec = Schema.fromJsonString(DeviceFlow.Pending)
 *
 * const begin = Effect.fnUntraced(function*(session: SsoSession.SsoSession) {
 *   const pending = yield* DeviceFlow.start(session)
 *   // The text holds the device code: encrypt it where it is stored
 *   return { userCode: pending.userCode, text: yield* Schema.encodeEffect(codec)(pending) }
 * })
 *
 * const complete = Effect.fnUntraced(function*(text: string) {
 *   return yield* DeviceFlow.poll(yield* Schema.decodeEffect(codec)(text))
 * })
 * ```
 *
 * Source: RFC 8628.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Random from "effect/Random"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as CreateToken from "../operation/CreateToken.ts"
import { ExpiredTokenException } from "../operation/Exceptions.ts"
import * as GrantType from "../operation/GrantType.ts"
import { Secret } from "../operation/Secret.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import type { LoginFailed } from "../session/LoginFailed.ts"
import { Registration } from "../session/Registration.ts"
import { SsoSession } from "../session/SsoSession.ts"
import * as SsoToken from "../session/SsoToken.ts"
import type { StoreError } from "../store/StoreError.ts"
import type { TokenCache } from "../store/TokenCache.ts"
import type { ClientError } from "../wire/ClientError.ts"
import * as RetryPolicy from "../wire/RetryPolicy.ts"
import { AuthorizationPrompt } from "./AuthorizationPrompt.ts"
import * as ClientRegistration from "./ClientRegistration.ts"
import * as Flow from "./Flow.ts"
import { LoginState } from "./LoginState.ts"
import * as PollInterval from "./PollInterval.ts"

/**
 * A sign-in that waits for the user (RFC 8628 §3.2).
 *
 * **Details**
 *
 * Its codec writes everything that another process needs to poll, with the secrets as plain text. Everywhere else they
 * are `Redacted`.
 *
 * @category models
 * @since 0.2.0
 */
export class Pending extends Schema.Class<Pending>("effect-aws-sso/DeviceFlow/Pending")({
  session: SsoSession,
  /** The client that the device code was issued to. */
  registration: Registration,
  /** What the service is polled with. A secret: with it and the registration, any program can get the token. */
  deviceCode: Secret,
  /** What the user enters or compares. */
  userCode: Schema.NonEmptyString,
  /** The page that the user opens. */
  verificationUri: Schema.NonEmptyString,
  /** The same page with the user code filled in. */
  verificationUriComplete: Schema.optionalKey(Schema.NonEmptyString),
  /** When both codes expire. */
  expiresAt: Schema.DateTimeUtcFromString,
  /** The least time between two polls. */
  interval: Schema.DurationFromMillis
}) {}

/**
 * The options of `start` and `authorize`.
 *
 * @category models
 * @since 0.2.0
 */
export interface DeviceFlowOptions {
  /** The name that the user sees when asked to approve. `effect-aws-sso` by default. */
  readonly clientName?: string | undefined
}

/**
 * Starts a sign-in (RFC 8628 §3.1 and §3.2). Show the user `userCode` and `verificationUri`, then call `poll`.
 *
 * **Details**
 *
 * The client is registered first, if none is registered yet. The start URL is used as it is: `VanityUrl.resolve` resolves
 * one under a custom domain.
 *
 * @category flows
 * @since 0.2.0
 */
export const start: (
  session: SsoSession,
  options?: DeviceFlowOptions
) => Effect.Effect<Pending, LoginFailed | StoreError, SsoOidc.SsoOidc | TokenCache> = Effect.fn("DeviceFlow.start")(
  function* (session: SsoSession, options?: DeviceFlowOptions) {
    return yield* ClientRegistration.use(
      session,
      { grantTypes: [GrantType.deviceCode, GrantType.refreshToken], clientName: options?.clientName },
      Effect.fnUntraced(function* (registration) {
        const device = yield* SsoOidc.startDeviceAuthorization({
          clientId: registration.clientId,
          clientSecret: registration.clientSecret,
          startUrl: session.startUrl
        })
        const { expiresIn, ...codes } = device
        return new Pending({
          session,
          registration,
          ...codes,
          expiresAt: DateTime.addDuration(yield* DateTime.now, expiresIn)
        })
      })
    )
  },
  Flow.inSession
)

/**
 * The options of `poll`.
 *
 * @category models
 * @since 0.2.0
 */
export interface PollOptions {
  /**
   * A further schedule, whose input is the error of the last poll. It can lengthen a wait or end the polling; it cannot
   * shorten a wait. None by default.
   */
  readonly schedule?: Schedule.Schedule<unknown, LoginFailed["reason"]> | undefined
}

/**
 * Polls until the user approves (RFC 8628 §3.4 and §3.5). The first poll comes at once.
 *
 * **Details**
 *
 * - The waits are those of `schedule`.
 * - Fails with `ExpiredTokenException` as soon as the next poll would come after `expiresAt`, without sending it.
 * - Fails with `AccessDeniedException` if the user declines.
 * - Fails with the error of the last poll if `options.schedule` ends.
 * - An interruption ends it at once, and aborts a request that is in progress.
 *
 * @category flows
 * @since 0.2.0
 */
export const poll = (
  pending: Pending,
  options?: PollOptions
): Effect.Effect<SsoToken.SsoToken, LoginFailed | StoreError, SsoOidc.SsoOidc> =>
  pollWith(pending, options, () => Effect.void)

/**
 * Signs the user in, and shows the states to the `AuthorizationPrompt`.
 *
 * **Details**
 *
 * The prompt comes after the first poll, since a client can be authorized already. The token is not stored, and the start
 * URL is used as it is: `Login.device` stores the token and resolves a start URL under a custom domain. An interruption
 * ends the flow at once.
 *
 * @category flows
 * @since 0.1.0
 */
export const authorize: (
  session: SsoSession,
  options?: DeviceFlowOptions
) => Effect.Effect<SsoToken.SsoToken, LoginFailed | StoreError, SsoOidc.SsoOidc | TokenCache | AuthorizationPrompt> =
  Effect.fn("DeviceFlow.authorize")(function* (session: SsoSession, options?: DeviceFlowOptions) {
    const { show } = yield* AuthorizationPrompt
    const pending = yield* start(session, options)
    const token = yield* pollWith(
      pending,
      undefined,
      Effect.fnUntraced(function* ({ attempt, input, now, output }) {
        const timeLeft = Duration.millis(DateTime.toEpochMillis(pending.expiresAt) - now)
        if (attempt === 1) yield* show(prompting(pending, timeLeft))
        yield* show(waiting(input, timeLeft, output))
      })
    )
    yield* show(LoginState.cases.Authorized.make({ expiresAt: token.expiresAt }))
    return token
  }, Flow.inSession)

type PollError = CreateToken.CreateTokenError | ClientError

/** Polls, and calls `onWait` before each wait. */
const pollWith = Effect.fn("DeviceFlow.poll")(
  function* (
    pending: Pending,
    options: PollOptions | undefined,
    onWait: (wait: Schedule.Metadata<Duration.Duration, PollError>) => Effect.Effect<void>
  ): Effect.fn.Return<SsoToken.SsoToken, PollError, SsoOidc.SsoOidc> {
    const { deviceCode, interval, registration, session } = pending
    const deadline = DateTime.toEpochMillis(pending.expiresAt)
    const timeLeft = Duration.millis(deadline - (yield* Clock.currentTimeMillis))
    // §3.2, `expires_in`: a request with an expired code is useless
    if (!Duration.isPositive(timeLeft)) return yield* expired("the code expired before it was approved")

    // §3.4: the access token request
    const output = yield* SsoOidc.createToken({
      grantType: GrantType.deviceCode,
      clientId: registration.clientId,
      clientSecret: registration.clientSecret,
      deviceCode
    }).pipe(
      Effect.tap(() => count("success")),
      Effect.tapError((error) => count(error._tag)),
      // §3.5: the waits
      Effect.retryOrElse(
        Schedule.max([pace(interval), options?.schedule ?? Schedule.forever]).pipe(
          until(deadline),
          Schedule.tap(onWait)
        ),
        (error, wait) => {
          // A schedule that has ended has no wait. A wait is what would have led beyond the deadline
          const endedByDeadline = Duration.isPositive(wait)
          if (!endedByDeadline) return Effect.fail(error)
          return PollInterval.isUnreachable(error)
            ? expired(`the service could not be reached until the code expired (${error._tag})`)
            : expired(`the code was not approved within ${Math.round(Duration.toSeconds(timeLeft))} seconds`)
        }
      ),
      // A poll is one attempt: a retry of the client would come sooner than the interval allows
      Effect.provideService(RetryPolicy.Override, RetryPolicy.none)
    )
    return yield* SsoToken.fromOutput({ session, registration, output })
  },
  (flow, pending) => Flow.inSession(flow, pending.session)
)

const expired = (description: string): Effect.Effect<never, ExpiredTokenException> =>
  Effect.fail(
    new ExpiredTokenException({
      error: ExpiredTokenException.error,
      error_description: `${description}: sign in again`
    })
  )

/** §3.3: what the user must do. */
const prompting = (pending: Pending, timeLeft: Duration.Duration): LoginState =>
  LoginState.cases.Prompting.make({
    userCode: pending.userCode,
    verificationUri: pending.verificationUri,
    ...(pending.verificationUriComplete === undefined
      ? {}
      : { verificationUriComplete: pending.verificationUriComplete }),
    timeLeft
  })

/** §3.5: why the flow waits, and for how long. */
const waiting = (error: PollError, timeLeft: Duration.Duration, wait: Duration.Duration): LoginState => {
  if (PollInterval.isPending(error)) return LoginState.cases.Pending.make({ timeLeft, nextPoll: wait })
  if (PollInterval.isSlowDown(error)) return LoginState.cases.SlowedDown.make({ timeLeft, interval: wait })
  return LoginState.cases.Unreachable.make({ timeLeft, nextPoll: wait, failure: error._tag })
}

/**
 * The options of `schedule`. The output of `SsoOidc.startDeviceAuthorization` can be passed as it is.
 *
 * @category models
 * @since 0.2.0
 */
export interface DeviceScheduleOptions {
  /** The least time between two polls. At least one second. A number is in milliseconds. */
  readonly interval: Duration.Input
  /** How long the device code is valid, from the start of the effect that is retried. A number is in milliseconds. */
  readonly expiresIn: Duration.Input
}

/**
 * When to poll again, given the error of the last poll (RFC 8628 §3.5). The output is the wait before the next poll.
 *
 * **Details**
 *
 * - `AuthorizationPendingException`: `interval`
 * - `SlowDownException`: `interval`, which grows by 5 seconds for good
 * - no connection, no response in time, throttling, or a response of a server that is down: twice `interval`, four times,
 *   and so on, up to a minute, until the service responds again
 * - any other error ends the schedule
 *
 * It also ends if the next poll would come after `expiresIn`.
 *
 * **Example** (A custom poller)
 *
 * ```ts
 * import { Effect, type Redacted } from "effect"
 * import { DeviceFlow, RetryPolicy, SsoOidc } from "effect-aws-sso"
 *
 * const poll = (clientId: string, clientSecret: Redacted.Redacted, deviceCode: Redacted.Redacted) =>
 *   SsoOidc.createToken({
 *     clientId,
 *     clientSecret,
 *     deviceCode,
 *     grantType: "urn:ietf:params:oauth:grant-type:device_code"
 *   }).pipe(
 *     Effect.retry(DeviceFlow.schedule({ interval: "5 seconds", expiresIn: "10 minutes" })),
 *     // Only the schedule decides when to poll again
 *     Effect.provideService(RetryPolicy.Override, RetryPolicy.none)
 *   )
 * ```
 *
 * @category schedules
 * @since 0.1.0
 */
export const schedule = ({ expiresIn, interval }: DeviceScheduleOptions): Schedule.Schedule<Duration.Duration> => {
  const lifetime = Duration.toMillis(Duration.fromInputUnsafe(expiresIn))
  return Schedule.fromStep(
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Schedule.toStep(until(now + lifetime)(pace(Duration.fromInputUnsafe(interval))))
    )
  )
}

/**
 * Lengthens each wait of a schedule by a random part of up to a fifth, so that many devices do not poll at once.
 *
 * **Details**
 *
 * `Schedule.jittered` shortens waits too, which RFC 8628 §3.5 does not allow.
 *
 * @category schedules
 * @since 0.2.0
 */
export const jittered: <Output, Input, Error, Env>(
  self: Schedule.Schedule<Output, Input, Error, Env>
) => Schedule.Schedule<Output, Input, Error, Env> = Schedule.modifyDelay(({ duration }) =>
  Effect.map(Random.next, (part) => Duration.times(duration, 1 + part / 5))
)

/** The waits of `PollInterval`, without a deadline. */
const pace = (interval: Duration.Duration): Schedule.Schedule<Duration.Duration> =>
  Schedule.fromStep(
    Effect.map(
      Ref.make(PollInterval.make(interval)),
      (current) => (_now: number, error: unknown) =>
        Effect.flatMap(Ref.get(current), (before) => {
          const after = PollInterval.next(before, error)
          if (after === undefined) return Cause.done(Duration.zero)
          const wait = PollInterval.wait(after)
          const step: [output: Duration.Duration, delay: Duration.Duration] = [wait, wait]
          return Effect.as(Ref.set(current, after), step)
        })
    )
  )

/** Ends a schedule whose next wait would not be over before the deadline, in epoch milliseconds. */
const until = (deadline: number) =>
  Schedule.while<unknown, Duration.Duration>(({ duration, now }) => now + Duration.toMillis(duration) < deadline)

/**
 * Polls, by `outcome` (`success`, or the tag of the error).
 *
 * @category metrics
 * @since 0.1.0
 */
export const polls = Metric.counter("aws_sso_device_polls_total", {
  description: "Polls of the device flow, by outcome",
  incremental: true
})

const count = (outcome: string) => Metric.update(Metric.withAttributes(polls, { outcome }), 1)
