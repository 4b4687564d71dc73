/**
 * The device authorizations, and what may become of them (RFC 8628).
 */
import * as Duration from "effect/Duration"
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"
import type * as Random from "effect/Random"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as CreateToken from "../../operation/CreateToken.ts"
import * as Exceptions from "../../operation/Exceptions.ts"
import type * as StartDeviceAuthorization from "../../operation/StartDeviceAuthorization.ts"
import type { Client } from "./Clients.ts"
import { approvedBy, approver, approverName, type Decision, type Status, statusOf } from "./Decision.ts"
import * as Fake from "./Fake.ts"
import * as Tokens from "./Tokens.ts"
import type { Moment } from "./Transition.ts"
import type { User } from "./User.ts"

/** A device authorization, as far as it may be shown. */
export interface Authorization {
  readonly userCode: string
  readonly clientName: string
  readonly scopes: ReadonlyArray<string>
  readonly startUrl: string
  readonly status: Status
  /** The name of the user who approved it. */
  readonly user?: string
  /** Epoch milliseconds of the `Clock`. */
  readonly expiresAt: number
}

/** There is no pending device authorization with this user code. */
export class UnknownUserCode extends Schema.TaggedError<UnknownUserCode>()("UnknownUserCode", {
  userCode: Schema.String,
  /** What has become of the authorization; `unknown` where no such code was ever given out. */
  status: Schema.Literals(["unknown", "approved", "denied", "expired", "redeemed"])
}) {
  override get message(): string {
    return `no device authorization is pending for the user code ${this.userCode}: it is ${this.status}. See the authorizations of IdentityCenter for what is there`
  }
}

/** @internal */
export interface Options {
  readonly interval: number
  readonly lifetime: number
  /** Who approves what nobody answers, and how long after its start. */
  readonly autoApprove: { readonly after: number; readonly by: User } | undefined
}

/** @internal */
export interface DeviceAuthorizations {
  readonly start: (
    client: Client,
    startUrl: string,
    verificationUri: string,
    moment: Moment
  ) => StartDeviceAuthorization.StartDeviceAuthorizationOutput
  /** What is known under a user code, with the token that its form on the page must bring back. */
  readonly find: (
    userCode: string,
    moment: Moment
  ) => Option.Option<{ readonly authorization: Authorization; readonly formToken: string }>
  readonly decide: (userCode: string, decision: Decision, moment: Moment) => Result.Result<void, UnknownUserCode>
  readonly redeem: (
    deviceCode: Redacted.Redacted,
    client: Client,
    moment: Moment
  ) => Result.Result<Tokens.Grant, CreateToken.CreateTokenError>
  readonly all: (moment: Moment) => ReadonlyArray<Authorization>
}

interface DeviceAuthorization {
  readonly client: Client
  readonly userCode: string
  readonly formToken: string
  readonly startUrl: string
  readonly startedAt: number
  readonly expiresAt: number
  decision: Decision | undefined
  redeemed: boolean
  interval: number
  polledAt: number | undefined
}

// RFC 8628 §3.5: a client that is told to slow down waits five seconds longer from then on.
const slowDownStep = 5000

// Node's timers can fire a millisecond before the clock says so. No client shall be blamed for that.
const timerSlack = 2

/**
 * No authorizations yet.
 *
 * @internal
 */
export const make = (options: Options): DeviceAuthorizations => {
  const byDeviceCode = MutableHashMap.empty<Redacted.Redacted, DeviceAuthorization>()
  const byUserCode = new Map<string, DeviceAuthorization>()

  const unusedUserCode = (random: Random.Random): string => {
    const userCode = Fake.userCode(random)
    return byUserCode.has(userCode) ? unusedUserCode(random) : userCode
  }

  const decisionOf = ({ decision, startedAt }: DeviceAuthorization, now: number): Decision | undefined => {
    const { autoApprove } = options
    const autoApproved = autoApprove !== undefined && now >= startedAt + autoApprove.after
    return decision ?? (autoApproved ? approvedBy(autoApprove.by) : undefined)
  }

  const currentStatus = (authorization: DeviceAuthorization, now: number): Status =>
    statusOf({ ...authorization, decision: decisionOf(authorization, now) }, now)

  const view = (authorization: DeviceAuthorization, now: number): Authorization => ({
    userCode: authorization.userCode,
    clientName: authorization.client.name,
    scopes: authorization.client.scopes,
    startUrl: authorization.startUrl,
    status: currentStatus(authorization, now),
    ...approverName(decisionOf(authorization, now)),
    expiresAt: authorization.expiresAt
  })

  // RFC 8628 §3.5: a poll before the interval is over makes the interval longer.
  const pollPending = (
    authorization: DeviceAuthorization,
    now: number
  ): Exceptions.AuthorizationPendingException | Exceptions.SlowDownException => {
    const early =
      authorization.polledAt !== undefined && now < authorization.polledAt + authorization.interval - timerSlack
    authorization.polledAt = now
    if (!early) {
      return new Exceptions.AuthorizationPendingException({
        error_description: "The person has not answered yet"
      })
    }
    authorization.interval += slowDownStep
    return new Exceptions.SlowDownException({
      error_description: `Wait at least ${authorization.interval / 1000} seconds between two requests`
    })
  }

  return {
    start: (client, startUrl, verificationUri, { now, random }) => {
      const deviceCode = Fake.deviceCode(random)
      const authorization: DeviceAuthorization = {
        client,
        userCode: unusedUserCode(random),
        formToken: Fake.nonce(random),
        startUrl,
        startedAt: now,
        expiresAt: now + options.lifetime,
        decision: undefined,
        redeemed: false,
        interval: options.interval,
        polledAt: undefined
      }
      MutableHashMap.set(byDeviceCode, deviceCode, authorization)
      byUserCode.set(authorization.userCode, authorization)
      return {
        deviceCode,
        userCode: authorization.userCode,
        verificationUri,
        verificationUriComplete: `${verificationUri}?user_code=${authorization.userCode}`,
        expiresIn: Duration.millis(options.lifetime),
        // Rounded up: a client that waits this long never polls early
        interval: Duration.seconds(Math.ceil(options.interval / 1000))
      }
    },

    find: (typed, { now }) =>
      Option.map(Option.fromNullishOr(byUserCode.get(Fake.normalizeUserCode(typed))), (authorization) => ({
        authorization: view(authorization, now),
        formToken: authorization.formToken
      })),

    decide: (typed, decision, { now }) => {
      const userCode = Fake.normalizeUserCode(typed)
      const authorization = byUserCode.get(userCode)
      if (authorization === undefined) {
        return Result.fail(new UnknownUserCode({ userCode, status: "unknown" }))
      }
      const status = currentStatus(authorization, now)
      if (status !== "pending") {
        return Result.fail(new UnknownUserCode({ userCode, status }))
      }
      authorization.decision = decision
      return Result.succeed(undefined)
    },

    redeem: (deviceCode, client, { now }) => {
      const authorization = Option.getOrUndefined(MutableHashMap.get(byDeviceCode, deviceCode))
      if (authorization === undefined || authorization.client !== client) {
        return Result.fail(
          new Exceptions.InvalidGrantException({ error_description: "The device code was not given to this client" })
        )
      }
      switch (currentStatus(authorization, now)) {
        case "pending":
          return Result.fail(pollPending(authorization, now))
        case "denied":
          return Result.fail(
            new Exceptions.AccessDeniedException({ error_description: "The person denied the request" })
          )
        case "expired":
          return Result.fail(new Exceptions.ExpiredTokenException({ error_description: "The device code has expired" }))
        case "redeemed":
          return Result.fail(
            new Exceptions.InvalidGrantException({ error_description: "The device code has been used already" })
          )
        case "approved":
          authorization.redeemed = true
          return Result.succeed(Tokens.grant(client.id, client.scopes, approver(decisionOf(authorization, now))))
      }
    },

    all: ({ now }) => Array.from(byUserCode.values(), (authorization) => view(authorization, now))
  }
}
