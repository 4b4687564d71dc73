/**
 * The device authorization flow: a person approves on any device, while this one asks the service until they have.
 *
 * **When to use**
 *
 * Use `authorize` to get a token, `states` to show the progress in a way of one's own, and `schedule` to poll in a flow
 * of one's own.
 *
 * **Example** (A sign-in that shows itself)
 *
 * ```ts
 * import { Console, Effect, Stream } from "effect"
 * import { DeviceFlow, SsoSession } from "effect-aws-sso"
 *
 * const program = Effect.gen(function*() {
 *   const session = yield* SsoSession.make({ startUrl: "https://example.awsapps.com/start", region: "us-east-1" })
 *   yield* Stream.runForEach(DeviceFlow.states(session), (state) => Console.log(state._tag))
 * })
 * ```
 *
 * Source: RFC 8628.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as CreateToken from "../operation/CreateToken.ts"
import {
  type AuthorizationPendingException,
  ExpiredTokenException,
  type SlowDownException
} from "../operation/Exceptions.ts"
import * as GrantType from "../operation/GrantType.ts"
import type * as StartDeviceAuthorization from "../operation/StartDeviceAuthorization.ts"
import type { Registration } from "../session/Registration.ts"
import type { SsoSession } from "../session/SsoSession.ts"
import * as SsoToken from "../session/SsoToken.ts"
import type { TokenCache } from "../store/TokenCache.ts"
import * as SsoOidc from "../service/SsoOidc.ts"
import type { ClientError } from "../wire/ClientError.ts"
import * as RetryPolicy from "../wire/RetryPolicy.ts"
import { AuthorizationPrompt, DeviceState as State } from "./AuthorizationPrompt.ts"
import * as ClientRegistration from "./ClientRegistration.ts"

export { DeviceState as State } from "./AuthorizationPrompt.ts"

/**
 * How the flow can fail.
 *
 * **Details**
 *
 * `AccessDeniedException` where the person said no, `ExpiredTokenException` where they said nothing in time.
 *
 * @category errors
 * @since 0.1.0
 */
export type Failure =
  | ClientRegistration.ClientRegistrationError
  | StartDeviceAuthorization.StartDeviceAuthorizationError
  | Exclude<CreateToken.CreateTokenError, AuthorizationPendingException>

/**
 * What the flow can be told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The name that the person sees when asked to approve. `effect-aws-sso` by default. */
  readonly clientName?: string | undefined
}

/**
 * Polls, by `outcome` (`success`, or the tag of the failure).
 *
 * @category metrics
 * @since 0.1.0
 */
export const polls = Metric.counter("aws_sso_device_polls_total", {
  description: "Polls of the device flow, by outcome",
  incremental: true
})

/** RFC 8628 §3.5: "the interval MUST be increased by 5 seconds for this and all subsequent requests". */
const slowDownIncrement = Duration.seconds(5)

/** A service that names no usable interval shall not be asked without a pause. */
const minInterval = Duration.seconds(1)

/** Who approves while the service is out of reach shall not wait much longer than this once it is back. */
const maxBackoff = Duration.minutes(1)

type PollFailure = CreateToken.CreateTokenError | ClientError

/** RFC 8628 §3.5: on these two, and on no other answer, the client goes on polling. */
const isWaiting = (failure: PollFailure): failure is AuthorizationPendingException | SlowDownException =>
  failure._tag === "AuthorizationPendingException" || failure._tag === "SlowDownException"

const isUnanswered = (failure: PollFailure): boolean =>
  RetryPolicy.isTransient(failure) || RetryPolicy.isThrottling(failure)

/**
 * When to ask again, given why there is no token yet.
 *
 * **Details**
 *
 * The output is the wait before the next poll.
 *
 * - `AuthorizationPendingException`: `interval`
 * - `SlowDownException`: `interval`, which grows by 5 seconds for good (RFC 8628 §3.5)
 * - no connection, no answer in time, or an answer that the server is down: twice `interval`, four times, and so on, up
 *   to a minute, until it answers again (RFC 8628 §3.5 asks for an exponential backoff)
 * - anything else: the schedule ends
 *
 * It also ends where the next poll would come when `expiresIn` is over, counted from the start of the effect that it
 * retries (RFC 8628 §3.3.1 has the code expire then).
 *
 * - `interval`: the wait that the service asks for; at least one second
 * - `expiresIn`: the life of the device code
 *
 * **Example** (Polling in a flow of one's own)
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
 *     // The schedule alone decides when to ask again
 *     Effect.provideService(RetryPolicy.Override, RetryPolicy.none)
 *   )
 * ```
 *
 * @category schedules
 * @since 0.1.0
 */
export const schedule = (options: {
  readonly interval: Duration.Input
  readonly expiresIn: Duration.Input
}): Schedule.Schedule<Duration.Duration, PollFailure> => {
  const expiresIn = Duration.toMillis(Duration.fromInputUnsafe(options.expiresIn))
  return growing(Duration.max(Duration.fromInputUnsafe(options.interval), minInterval)).pipe(
    Schedule.while(({ input }) => isWaiting(input) || isUnanswered(input)),
    Schedule.while(({ output }) => output.elapsed + Duration.toMillis(output.wait) < expiresIn),
    Schedule.map(({ output }) => Effect.succeed(output.wait))
  )
}

/** The waits, one after another, and the milliseconds that have passed since the beginning. */
const growing = (
  interval: Duration.Duration
): Schedule.Schedule<{ readonly wait: Duration.Duration; readonly elapsed: number }, PollFailure> =>
  Schedule.fromStep(
    Effect.map(Clock.currentTimeMillis, (start) => {
      let current = interval
      let unanswered = 0
      return (now: number, failure: PollFailure) =>
        Effect.sync(() => {
          if (failure._tag === "SlowDownException") current = Duration.sum(current, slowDownIncrement)
          unanswered = isUnanswered(failure) ? unanswered + 1 : 0
          const backoff = Duration.min(Duration.times(current, 2 ** unanswered), maxBackoff)
          const wait = Duration.max(current, backoff)
          return [{ wait, elapsed: now - start }, wait] as [
            { wait: Duration.Duration; elapsed: number },
            Duration.Duration
          ]
        })
    })
  )

/**
 * The flow as the states it goes through, of which the last is `Authorized`.
 *
 * **Details**
 *
 * Nothing is shown but to whom reads the stream. A reader that stops early ends the flow. The session is taken as it is,
 * as by `authorize`.
 *
 * @category flows
 * @since 0.1.0
 */
export const states = (
  session: SsoSession,
  options?: Options
): Stream.Stream<State, Failure, SsoOidc.SsoOidc | TokenCache> =>
  Stream.callback((queue) =>
    run(session, options, (state) => Queue.offer(queue, state)).pipe(Effect.andThen(Queue.end(queue)))
  )

/**
 * Signs a person in, and shows the states to the `AuthorizationPrompt`.
 *
 * **Details**
 *
 * The client is registered where none is yet. The token is not kept, and the start URL is taken as it is, also one under
 * a domain of one's own: `Login.login` keeps the one and resolves the other. An interruption ends the flow at once,
 * whatever it waits for.
 *
 * @category flows
 * @since 0.1.0
 */
export const authorize = (
  session: SsoSession,
  options?: Options
): Effect.Effect<SsoToken.SsoToken, Failure, SsoOidc.SsoOidc | TokenCache | AuthorizationPrompt> =>
  AuthorizationPrompt.use((prompt) => run(session, options, prompt.show))

const grantTypes = [GrantType.deviceCode, GrantType.refreshToken]

const run = Effect.fn("SsoOidc.DeviceFlow")(function* (
  session: SsoSession,
  options: Options | undefined,
  show: (state: State) => Effect.Effect<unknown>
): Effect.fn.Return<SsoToken.SsoToken, Failure, SsoOidc.SsoOidc | TokenCache> {
  // §3.1 and §3.2: the codes
  const { device, registration } = yield* ClientRegistration.use(
    session,
    { grantTypes, clientName: options?.clientName },
    (registration) =>
      Effect.map(
        SsoOidc.startDeviceAuthorization({
          clientId: registration.clientId,
          clientSecret: registration.clientSecret,
          startUrl: session.startUrl
        }),
        (device) => ({ device, registration })
      )
  )
  // §3.4 and §3.5: the polls. §3.3, the prompt, comes after the first of them: a client can be authorized already
  const output = yield* poll(registration, device, show)
  const token = yield* SsoToken.fromOutput({ session, registration, output })
  yield* show(State.Authorized({ token }))
  return token
})

const poll = (
  registration: Registration,
  device: StartDeviceAuthorization.StartDeviceAuthorizationOutput,
  show: (state: State) => Effect.Effect<unknown>
): Effect.Effect<
  CreateToken.CreateTokenOutput,
  ClientError | Exclude<CreateToken.CreateTokenError, AuthorizationPendingException>,
  SsoOidc.SsoOidc
> => {
  const { expiresIn, interval } = device
  return SsoOidc.createToken({
    grantType: GrantType.deviceCode,
    clientId: registration.clientId,
    clientSecret: registration.clientSecret,
    deviceCode: device.deviceCode
  }).pipe(
    Effect.tap(() => count("success")),
    Effect.tapError((failure) => count(failure._tag)),
    Effect.retry(
      schedule({ interval, expiresIn }).pipe(
        Schedule.tap(({ attempt, elapsed, input, output: nextPoll }) => {
          const timeLeft = Duration.subtract(expiresIn, Duration.millis(elapsed))
          const prompting = attempt === 1 ? show(prompt(device, timeLeft)) : Effect.void
          return Effect.andThen(prompting, show(waiting(input, timeLeft, nextPoll)))
        })
      )
    ),
    // A poll is one attempt: a retry below would come sooner than the interval allows
    Effect.provideService(RetryPolicy.Override, RetryPolicy.none),
    Effect.mapError((failure) => (isWaiting(failure) || isUnanswered(failure) ? expired(device, failure) : failure))
  )
}

const count = (outcome: string) => Metric.update(Metric.withAttributes(polls, { outcome }), 1)

const prompt = (device: StartDeviceAuthorization.StartDeviceAuthorizationOutput, timeLeft: Duration.Duration): State =>
  State.Prompting({
    userCode: device.userCode,
    verificationUri: device.verificationUri,
    ...(device.verificationUriComplete === undefined
      ? {}
      : { verificationUriComplete: device.verificationUriComplete }),
    timeLeft
  })

const waiting = (failure: PollFailure, timeLeft: Duration.Duration, nextPoll: Duration.Duration): State => {
  switch (failure._tag) {
    case "AuthorizationPendingException":
      return State.Pending({ timeLeft, nextPoll })
    case "SlowDownException":
      return State.SlowedDown({ timeLeft, interval: nextPoll })
    default:
      return State.Unreachable({ timeLeft, nextPoll, failure: failure._tag })
  }
}

const expired = (
  device: StartDeviceAuthorization.StartDeviceAuthorizationOutput,
  last: PollFailure
): ExpiredTokenException =>
  new ExpiredTokenException({
    error: ExpiredTokenException.error,
    error_description: isWaiting(last)
      ? `the code was not approved within ${Duration.toSeconds(device.expiresIn)} seconds: sign in again`
      : `the service could not be reached until the code expired (${last._tag}): sign in again`
  })
