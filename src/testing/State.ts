/**
 * The state machine: which clients, device authorizations and refresh tokens exist, and what may become of them.
 *
 * It knows nothing of HTTP. Every transition is one synchronous step, so that neither a concurrent request nor an
 * interrupted one can catch it halfway.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as CreateToken from "../operation/CreateToken.ts"
import type * as CreateTokenWithIAM from "../operation/CreateTokenWithIAM.ts"
import * as Exceptions from "../operation/Exceptions.ts"
import * as GrantType from "../operation/GrantType.ts"
import type * as RegisterClient from "../operation/RegisterClient.ts"
import type * as StartDeviceAuthorization from "../operation/StartDeviceAuthorization.ts"
import * as Checks from "./Checks.ts"
import * as Fake from "./Fake.ts"

/**
 * What has become of a device authorization. `redeemed`: approved, and exchanged for a token.
 *
 * @category models
 * @since 0.1.0
 */
export type Status = "pending" | "approved" | "denied" | "expired" | "redeemed"

/**
 * A device authorization, as far as it may be shown.
 *
 * @category models
 * @since 0.1.0
 */
export interface Authorization {
  readonly userCode: string
  readonly clientName: string
  readonly scopes: ReadonlyArray<string>
  readonly startUrl: string
  readonly status: Status
  /** Epoch milliseconds of the `Clock`. */
  readonly expiresAt: number
}

/**
 * There is no pending device authorization with this user code.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownUserCode extends Schema.TaggedError<UnknownUserCode>()("UnknownUserCode", {
  userCode: Schema.String,
  /** What has become of the authorization; `unknown` where no such code was ever given out. */
  status: Schema.Literals(["unknown", "approved", "denied", "expired", "redeemed"])
}) {
  override get message(): string {
    return `no device authorization is pending for the user code ${this.userCode}: it is ${this.status}. See the authorizations of IdentityCenter for what is there`
  }
}

/**
 * The times that matter, in milliseconds.
 *
 * @internal
 */
export interface Settings {
  readonly interval: number
  readonly deviceCodeLifetime: number
  readonly accessTokenLifetime: number
  readonly registrationLifetime: number
  readonly autoApprove: number | undefined
}

/**
 * The transitions.
 *
 * @internal
 */
export interface State {
  readonly registerClient: (input: RegisterClient.Input) => Effect.Effect<RegisterClient.Output, RegisterClient.Failure>
  readonly startDeviceAuthorization: (
    input: StartDeviceAuthorization.Input,
    verificationUri: string
  ) => Effect.Effect<StartDeviceAuthorization.Output, StartDeviceAuthorization.Failure>
  readonly createToken: (input: CreateToken.Input) => Effect.Effect<CreateToken.Output, CreateToken.Failure>
  readonly createTokenWithIAM: (
    input: CreateTokenWithIAM.Input
  ) => Effect.Effect<CreateTokenWithIAM.Output, CreateTokenWithIAM.Failure>
  /** Answers for the person; fails where there is nothing to answer. */
  readonly decide: (userCode: string, decision: Decision) => Effect.Effect<void, UnknownUserCode>
  /** The authorization, with the token that its form on the page must bring back. */
  readonly find: (
    userCode: string
  ) => Effect.Effect<Option.Option<{ readonly authorization: Authorization; readonly formToken: string }>>
  readonly authorizations: Effect.Effect<ReadonlyArray<Authorization>>
  readonly revokeRefreshTokens: Effect.Effect<void>
  readonly revokeClients: Effect.Effect<void>
}

/** @internal */
export type Decision = "approved" | "denied"

interface Client {
  readonly id: string
  readonly name: string
  readonly secret: Redacted.Redacted
  readonly secretExpiresAt: number
  readonly scopes: ReadonlyArray<string>
  readonly grantTypes: ReadonlyArray<string>
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

// Whoever registers without grant types, as clients of the device flow do, may use these.
const defaultGrantTypes: ReadonlyArray<string> = [GrantType.deviceCode, GrantType.refreshToken]

const accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
const refreshTokenType = "urn:ietf:params:oauth:token-type:refresh_token"

// What an application gets that asks for no scope (CreateTokenWithIAM, "scope").
const defaultApplicationScopes: ReadonlyArray<string> = ["openid", "aws", "sts:identity_context"]

const wholeSeconds = (millis: number): number => Math.floor(millis / 1000)

const transition = <A, E>(step: (now: number, random: Random.Random) => Result.Result<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const random = yield* Random.Random
    return yield* Effect.fromResult(step(now, random))
  })

/**
 * A state in which nothing is known yet.
 *
 * @internal
 */
export const make = (settings: Settings): State => {
  const clients = new Map<string, Client>()
  const deviceAuthorizations = MutableHashMap.empty<Redacted.Redacted, DeviceAuthorization>()
  const byUserCode = new Map<string, DeviceAuthorization>()
  // Each refresh token with the id of the client that it was given to.
  const refreshTokens = MutableHashMap.empty<Redacted.Redacted, string>()

  const authenticate = (
    credentials: { readonly clientId: string; readonly clientSecret: Redacted.Redacted },
    now: number
  ): Result.Result<Client, Exceptions.InvalidClientException> =>
    Option.fromNullishOr(clients.get(credentials.clientId)).pipe(
      Option.filter((client) => Equal.equals(client.secret, credentials.clientSecret)),
      Result.fromOption(
        () => new Exceptions.InvalidClientException({ error_description: "The client id or its secret is wrong" })
      ),
      Result.filterOrFail(
        (client) => now < client.secretExpiresAt,
        () => new Exceptions.InvalidClientException({ error_description: "The client's registration has expired" })
      )
    )

  const mayUse = (client: Client, grantType: string): Result.Result<void, Exceptions.UnauthorizedClientException> =>
    Checks.ensure(
      client.grantTypes.includes(grantType),
      () =>
        new Exceptions.UnauthorizedClientException({
          error_description: `The client is not registered for the grant type ${grantType}`
        })
    )

  const statusOf = (authorization: DeviceAuthorization, now: number): Status => {
    const expired = now >= authorization.expiresAt
    const autoApproved = settings.autoApprove !== undefined && now >= authorization.startedAt + settings.autoApprove
    if (authorization.redeemed) return "redeemed"
    if (authorization.decision === "denied") return "denied"
    if (expired) return "expired"
    return autoApproved ? "approved" : (authorization.decision ?? "pending")
  }

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

  const redeemDeviceCode = (
    deviceCode: Redacted.Redacted,
    client: Client,
    now: number
  ): Result.Result<void, CreateToken.Failure> => {
    const authorization = Option.getOrUndefined(MutableHashMap.get(deviceAuthorizations, deviceCode))
    if (authorization === undefined || authorization.client !== client) {
      return Result.fail(
        new Exceptions.InvalidGrantException({ error_description: "The device code was not given to this client" })
      )
    }
    switch (statusOf(authorization, now)) {
      case "pending":
        return Result.fail(pollPending(authorization, now))
      case "denied":
        return Result.fail(new Exceptions.AccessDeniedException({ error_description: "The person denied the request" }))
      case "expired":
        return Result.fail(new Exceptions.ExpiredTokenException({ error_description: "The device code has expired" }))
      case "redeemed":
        return Result.fail(
          new Exceptions.InvalidGrantException({ error_description: "The device code has been used already" })
        )
      case "approved":
        authorization.redeemed = true
        return Result.succeed(undefined)
    }
  }

  // A refresh token works once: whoever uses it is given the next one.
  const redeemRefreshToken = (
    refreshToken: Redacted.Redacted,
    clientId: string
  ): Result.Result<void, Exceptions.InvalidGrantException> =>
    Result.gen(function* () {
      yield* Checks.ensure(
        Equal.equals(MutableHashMap.get(refreshTokens, refreshToken), Option.some(clientId)),
        () =>
          new Exceptions.InvalidGrantException({
            error_description: "The refresh token is unknown, used, revoked or another client's"
          })
      )
      MutableHashMap.remove(refreshTokens, refreshToken)
    })

  const noSuchCode = Result.fail(
    new Exceptions.InvalidGrantException({ error_description: "The authorization code was never given out" })
  )

  const issueRefreshToken = (clientId: string, random: Random.Random): Redacted.Redacted => {
    const refreshToken = Fake.refreshToken(random)
    MutableHashMap.set(refreshTokens, refreshToken, clientId)
    return refreshToken
  }

  const issueTokens = (clientId: string, refreshable: boolean, random: Random.Random): CreateToken.Output => ({
    accessToken: Fake.accessToken(random),
    tokenType: "Bearer",
    expiresIn: wholeSeconds(settings.accessTokenLifetime),
    ...(refreshable ? { refreshToken: issueRefreshToken(clientId, random) } : {})
  })

  const unusedUserCode = (random: Random.Random): string => {
    const userCode = Fake.userCode(random)
    return byUserCode.has(userCode) ? unusedUserCode(random) : userCode
  }

  const view = (authorization: DeviceAuthorization, now: number): Authorization => ({
    userCode: authorization.userCode,
    clientName: authorization.client.name,
    scopes: authorization.client.scopes,
    startUrl: authorization.startUrl,
    status: statusOf(authorization, now),
    expiresAt: authorization.expiresAt
  })

  return {
    registerClient: (input) =>
      transition((now, random) =>
        Result.gen(function* () {
          yield* Checks.registration(input)
          const client: Client = {
            id: Fake.clientId(random),
            name: input.clientName,
            secret: Fake.clientSecret(random),
            secretExpiresAt: now + settings.registrationLifetime,
            scopes: input.scopes ?? [],
            grantTypes: input.grantTypes ?? defaultGrantTypes
          }
          clients.set(client.id, client)
          return {
            clientId: client.id,
            clientSecret: client.secret,
            clientIdIssuedAt: wholeSeconds(now),
            clientSecretExpiresAt: wholeSeconds(client.secretExpiresAt)
          }
        })
      ),

    startDeviceAuthorization: (input, verificationUri) =>
      transition((now, random) =>
        Result.gen(function* () {
          const client = yield* authenticate(input, now)
          yield* mayUse(client, GrantType.deviceCode)
          const deviceCode = Fake.deviceCode(random)
          const authorization: DeviceAuthorization = {
            client,
            userCode: unusedUserCode(random),
            formToken: Fake.nonce(random),
            startUrl: input.startUrl,
            startedAt: now,
            expiresAt: now + settings.deviceCodeLifetime,
            decision: undefined,
            redeemed: false,
            interval: settings.interval,
            polledAt: undefined
          }
          MutableHashMap.set(deviceAuthorizations, deviceCode, authorization)
          byUserCode.set(authorization.userCode, authorization)
          return {
            deviceCode,
            userCode: authorization.userCode,
            verificationUri,
            verificationUriComplete: `${verificationUri}?user_code=${authorization.userCode}`,
            expiresIn: wholeSeconds(settings.deviceCodeLifetime),
            // Rounded up: who waits this long never comes early.
            interval: Math.ceil(settings.interval / 1000)
          }
        })
      ),

    createToken: (input) =>
      transition((now, random) =>
        Result.gen(function* () {
          const client = yield* authenticate(input, now)
          yield* mayUse(client, input.grantType)
          switch (input.grantType) {
            case GrantType.deviceCode:
              yield* redeemDeviceCode(input.deviceCode, client, now)
              break
            case GrantType.refreshToken:
              yield* redeemRefreshToken(input.refreshToken, client.id)
              break
            case GrantType.authorizationCode:
              yield* noSuchCode
          }
          // `scope` has no effect here (API reference): the token carries what the client registered.
          // As AWS: a client that registered no scope, such as `sso:account:access`, has to sign in anew each time.
          const refreshable = client.scopes.length > 0 && client.grantTypes.includes(GrantType.refreshToken)
          return issueTokens(client.id, refreshable, random)
        })
      ),

    createTokenWithIAM: (input) =>
      transition((_now, random) =>
        Result.gen(function* () {
          let issuedTokenType = refreshTokenType
          switch (input.grantType) {
            case GrantType.refreshToken:
              yield* redeemRefreshToken(input.refreshToken, input.clientId)
              break
            case GrantType.authorizationCode:
              yield* noSuchCode
              break
            case GrantType.tokenExchange:
              issuedTokenType = input.requestedTokenType ?? accessTokenType
              if (
                input.subjectTokenType !== accessTokenType ||
                ![accessTokenType, refreshTokenType].includes(issuedTokenType)
              ) {
                yield* Result.fail(
                  new Exceptions.InvalidRequestException({
                    error_description: "An access token can be exchanged for an access token or a refresh token"
                  })
                )
              }
          }
          return {
            ...issueTokens(input.clientId, issuedTokenType === refreshTokenType, random),
            issuedTokenType,
            scope: input.scope ?? defaultApplicationScopes,
            awsAdditionalDetails: { identityContext: Fake.identityContext(random) }
          }
        })
      ),

    decide: (typed, decision) =>
      transition((now) =>
        Result.gen(function* () {
          const userCode = Fake.normalizeUserCode(typed)
          const authorization = byUserCode.get(userCode)
          if (authorization === undefined) {
            return yield* Result.fail(new UnknownUserCode({ userCode, status: "unknown" }))
          }
          const status = statusOf(authorization, now)
          if (status !== "pending") {
            return yield* Result.fail(new UnknownUserCode({ userCode, status }))
          }
          authorization.decision = decision
        })
      ),

    find: (typed) =>
      transition((now) =>
        Result.succeed(
          Option.map(Option.fromNullishOr(byUserCode.get(Fake.normalizeUserCode(typed))), (authorization) => ({
            authorization: view(authorization, now),
            formToken: authorization.formToken
          }))
        )
      ),

    authorizations: transition((now) =>
      Result.succeed(Array.from(byUserCode.values(), (authorization) => view(authorization, now)))
    ),

    revokeRefreshTokens: Effect.sync(() => {
      MutableHashMap.clear(refreshTokens)
    }),
    revokeClients: Effect.sync(() => clients.clear())
  }
}
