/**
 * The device authorizations (RFC 8628).
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as CreateToken from "../../operation/CreateToken.ts"
import * as Exceptions from "../../operation/Exceptions.ts"
import type * as StartDeviceAuthorization from "../../operation/StartDeviceAuthorization.ts"
import {
  approvedBy,
  approver,
  approverName,
  type AuthorizationDecision,
  type AuthorizationStatus,
  statusOf
} from "./AuthorizationStatus.ts"
import type { DirectoryUser } from "./DirectoryUser.ts"
import * as ExpiringMap from "./ExpiringMap.ts"
import * as FakeValues from "./FakeValues.ts"
import { makeGrant, type TokenGrant } from "./IssuedTokens.ts"
import type { RegisteredClient } from "./RegisteredClients.ts"
import type { Moment } from "./Transition.ts"

/** A device authorization, without its secrets. */
export interface DeviceAuthorization {
  readonly userCode: string
  readonly clientName: string
  readonly scopes: ReadonlyArray<string>
  readonly startUrl: string
  readonly status: AuthorizationStatus
  /** The name of the user who approved it. */
  readonly user?: string
  /** Epoch milliseconds of the `Clock`. */
  readonly expiresAt: number
}

/** No device authorization is pending for this user code. */
export class UnknownUserCode extends Schema.TaggedError<UnknownUserCode>()("UnknownUserCode", {
  userCode: Schema.String,
  /** The status of the authorization. `unknown`: no authorization has this code. */
  status: Schema.Literals(["unknown", "approved", "denied", "expired", "redeemed"])
}) {
  override get message(): string {
    return `no device authorization is pending for the user code ${this.userCode}: its status is ${this.status}. IdentityCenter.deviceAuthorizations lists all device authorizations`
  }
}

export interface DeviceAuthorizations {
  readonly start: (
    client: RegisteredClient,
    startUrl: string,
    verificationUri: string,
    moment: Moment
  ) => StartDeviceAuthorization.StartDeviceAuthorizationOutput
  /** The authorization with this user code, and the token that its form must send back. */
  readonly find: (
    userCode: string,
    moment: Moment
  ) => Option.Option<{ readonly authorization: DeviceAuthorization; readonly formToken: string }>
  readonly decide: (
    userCode: string,
    decision: AuthorizationDecision,
    moment: Moment
  ) => Result.Result<void, UnknownUserCode>
  readonly redeem: (
    deviceCode: Redacted.Redacted,
    client: RegisteredClient,
    moment: Moment
  ) => Result.Result<TokenGrant, CreateToken.CreateTokenError>
  readonly all: (moment: Moment) => ReadonlyArray<DeviceAuthorization>
}

interface DeviceAuthorizationEntry {
  readonly client: RegisteredClient
  readonly userCode: string
  readonly formToken: string
  readonly startUrl: string
  readonly startedAt: number
  readonly expiresAt: number
  decision: AuthorizationDecision | undefined
  redeemed: boolean
  interval: number
  polledAt: number | undefined
}

// RFC 8628 §3.5: `slow_down` increases the interval by five seconds for good.
const slowDownStep = 5000

// A timer of Node can fire a millisecond before the clock says so. Such a poll is not early.
const timerSlack = 2

/** Times are in milliseconds. */
export const make = (options: {
  readonly interval: number
  readonly lifetime: number
  /** Who approves an authorization without a decision, and how long after its start. */
  readonly autoApprove: { readonly after: number; readonly by: DirectoryUser } | undefined
}): DeviceAuthorizations => {
  const makeMap = () =>
    ExpiringMap.make<DeviceAuthorizationEntry>(({ expiresAt }) => expiresAt + ExpiringMap.keptAfterExpiry)
  const byDeviceCode = makeMap()
  const byUserCode = makeMap()

  const unusedUserCode = (random: Random.Random): string => {
    const userCode = FakeValues.userCode(random)
    return byUserCode.get(userCode) === undefined ? userCode : unusedUserCode(random)
  }

  const decisionOf = (
    { decision, startedAt }: DeviceAuthorizationEntry,
    now: number
  ): AuthorizationDecision | undefined => {
    const { autoApprove } = options
    const autoApproved = autoApprove !== undefined && now >= startedAt + autoApprove.after
    return decision ?? (autoApproved ? approvedBy(autoApprove.by) : undefined)
  }

  const currentStatus = (authorization: DeviceAuthorizationEntry, now: number): AuthorizationStatus =>
    statusOf({ ...authorization, decision: decisionOf(authorization, now) }, now)

  const view = (authorization: DeviceAuthorizationEntry, now: number): DeviceAuthorization => ({
    userCode: authorization.userCode,
    clientName: authorization.client.name,
    scopes: authorization.client.scopes,
    startUrl: authorization.startUrl,
    status: currentStatus(authorization, now),
    ...approverName(decisionOf(authorization, now)),
    expiresAt: authorization.expiresAt
  })

  // RFC 8628 §3.5
  const pollPending = (
    authorization: DeviceAuthorizationEntry,
    now: number
  ): Exceptions.AuthorizationPendingException | Exceptions.SlowDownException => {
    const early =
      authorization.polledAt !== undefined && now < authorization.polledAt + authorization.interval - timerSlack
    authorization.polledAt = now
    if (!early) {
      return new Exceptions.AuthorizationPendingException({
        error_description: "The user has not approved the request yet"
      })
    }
    authorization.interval += slowDownStep
    return new Exceptions.SlowDownException({
      error_description: `Wait at least ${authorization.interval / 1000} seconds between two requests`
    })
  }

  return {
    start: (client, startUrl, verificationUri, { now, random }) => {
      const deviceCode = FakeValues.deviceCode(random)
      const authorization: DeviceAuthorizationEntry = {
        client,
        userCode: unusedUserCode(random),
        formToken: FakeValues.nonce(random),
        startUrl,
        startedAt: now,
        expiresAt: now + options.lifetime,
        decision: undefined,
        redeemed: false,
        interval: options.interval,
        polledAt: undefined
      }
      byDeviceCode.set(Redacted.value(deviceCode), authorization, now)
      byUserCode.set(authorization.userCode, authorization, now)
      return {
        deviceCode,
        userCode: authorization.userCode,
        verificationUri,
        verificationUriComplete: `${verificationUri}?user_code=${authorization.userCode}`,
        expiresIn: Duration.millis(options.lifetime),
        // Rounded up, so that a client that waits this long is never early.
        interval: Duration.seconds(Math.ceil(options.interval / 1000))
      }
    },

    find: (typed, { now }) =>
      Option.map(Option.fromNullishOr(byUserCode.get(FakeValues.normalizeUserCode(typed))), (authorization) => ({
        authorization: view(authorization, now),
        formToken: authorization.formToken
      })),

    decide: (typed, decision, { now }) => {
      const userCode = FakeValues.normalizeUserCode(typed)
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
      const authorization = byDeviceCode.get(Redacted.value(deviceCode))
      if (authorization?.client !== client) {
        return Result.fail(
          new Exceptions.InvalidGrantException({
            error_description: "The device code is unknown or was issued to another client"
          })
        )
      }
      switch (currentStatus(authorization, now)) {
        case "pending":
          return Result.fail(pollPending(authorization, now))
        case "denied":
          return Result.fail(new Exceptions.AccessDeniedException({ error_description: "The user denied the request" }))
        case "expired":
          return Result.fail(new Exceptions.ExpiredTokenException({ error_description: "The device code has expired" }))
        case "redeemed":
          return Result.fail(
            new Exceptions.InvalidGrantException({ error_description: "The device code has already been used" })
          )
        case "approved":
          authorization.redeemed = true
          return Result.succeed(makeGrant(client.id, client.scopes, approver(decisionOf(authorization, now))))
      }
    },

    all: ({ now }) => byUserCode.values().map((authorization) => view(authorization, now))
  }
}
