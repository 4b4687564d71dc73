/**
 * The authorization requests that came through a browser, and their authorization codes.
 *
 * Source: RFC 6749 §4.1; RFC 7636 §4.4 and §4.6.
 */
import * as Data from "effect/Data"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Exceptions from "../../operation/Exceptions.ts"
import { type AuthorizationQuery, callback, errorResponse } from "./AuthorizationQuery.ts"
import {
  approver,
  approverName,
  type AuthorizationDecision,
  type AuthorizationStatus,
  statusOf
} from "./AuthorizationStatus.ts"
import * as ExpiringMap from "./ExpiringMap.ts"
import * as FakeValues from "./FakeValues.ts"
import { makeGrant, type TokenGrant } from "./IssuedTokens.ts"
import type { RegisteredClient } from "./RegisteredClients.ts"
import * as RequestChecks from "./RequestChecks.ts"
import type { Moment } from "./Transition.ts"

/** An authorization request, without its secrets. */
export interface AuthorizationRequest {
  readonly clientName: string
  /** The requested scopes. */
  readonly scopes: ReadonlyArray<string>
  readonly redirectUri: string
  /** The issuer or start URL that the client has registered. */
  readonly issuerUrl?: string
  readonly status: AuthorizationStatus
  /** The name of the user who approved it. */
  readonly user?: string
  /** When the request, or its authorization code, expires: epoch milliseconds of the `Clock`. */
  readonly expiresAt: number
}

export interface AuthorizationRequestEntry {
  readonly id: string
  readonly query: AuthorizationQuery
  /** The token that its form must send back. */
  readonly formToken: string
  decision: AuthorizationDecision | undefined
  expiresAt: number
  grant: TokenGrant | undefined
}

/** No pending request has this id. */
export class NotPending extends Data.TaggedError("NotPending")<{
  readonly status: Exclude<AuthorizationStatus, "pending"> | "unknown"
}> {}

/** What a client exchanges for tokens. */
export interface CodeExchange {
  readonly code: Redacted.Redacted
  readonly redirectUri: string
  readonly codeVerifier: Redacted.Redacted
  /** The challenge that the verifier results in. */
  readonly codeChallenge: string
}

export interface AuthorizationRequests {
  readonly open: (query: AuthorizationQuery, moment: Moment) => AuthorizationRequestEntry
  readonly pending: (id: string, moment: Moment) => Result.Result<AuthorizationRequestEntry, NotPending>
  /** Decides about a pending request. Returns the URL that sends the response to the client. */
  readonly decide: (request: AuthorizationRequestEntry, decision: AuthorizationDecision, moment: Moment) => URL
  readonly redeem: (
    exchange: CodeExchange,
    client: RegisteredClient,
    moment: Moment
  ) => Result.Result<TokenGrant, Exceptions.InvalidGrantException>
  readonly all: (moment: Moment) => ReadonlyArray<AuthorizationRequest>
}

// RFC 6749 §4.1.2: a code is valid for ten minutes at most. The user has as long to decide.
const lifetime = 10 * 60 * 1000

// RFC 7636 §4.1
const verifier = /^[A-Za-z0-9._~-]{43,128}$/

const currentStatus = (request: AuthorizationRequestEntry, now: number): AuthorizationStatus =>
  statusOf({ ...request, redeemed: request.grant !== undefined }, now)

const view = (request: AuthorizationRequestEntry, now: number): AuthorizationRequest => ({
  clientName: request.query.client.name,
  scopes: request.query.scopes,
  redirectUri: request.query.redirectUriAsSent,
  ...(request.query.client.issuerUrl === undefined ? {} : { issuerUrl: request.query.client.issuerUrl }),
  status: currentStatus(request, now),
  ...approverName(request.decision),
  expiresAt: request.expiresAt
})

const invalidGrant = (error_description: string) => (): Exceptions.InvalidGrantException =>
  new Exceptions.InvalidGrantException({ error_description })

export const make = (): AuthorizationRequests => {
  const makeMap = () =>
    ExpiringMap.make<AuthorizationRequestEntry>(({ expiresAt }) => expiresAt + ExpiringMap.keptAfterExpiry)
  const byId = makeMap()
  const byCode = makeMap()

  return {
    open: (query, { now, random }) => {
      const request: AuthorizationRequestEntry = {
        id: FakeValues.nonce(random),
        query,
        formToken: FakeValues.nonce(random),
        decision: undefined,
        expiresAt: now + lifetime,
        grant: undefined
      }
      byId.set(request.id, request, now)
      return request
    },

    pending: (id, { now }) => {
      const request = byId.get(id)
      if (request === undefined) {
        return Result.fail(new NotPending({ status: "unknown" }))
      }
      const status = currentStatus(request, now)
      return status === "pending" ? Result.succeed(request) : Result.fail(new NotPending({ status }))
    },

    decide: (request, decision, { now, random }) => {
      request.decision = decision
      if (decision._tag === "Denied") {
        return errorResponse(request.query, "access_denied", "The user denied the request").location
      }
      const code = Redacted.value(FakeValues.authorizationCode(random))
      request.expiresAt = now + lifetime
      byCode.set(code, request, now)
      return callback(request.query, [["code", code]])
    },

    redeem: (exchange, client, { now }) =>
      Result.gen(function* () {
        const request = yield* Result.fromNullishOr(
          byCode.get(Redacted.value(exchange.code)),
          invalidGrant("The authorization code is unknown")
        )
        const { expiresAt, grant, query } = request
        yield* RequestChecks.ensure(
          query.client === client,
          invalidGrant("The authorization code was issued to another client")
        )
        if (grant !== undefined) {
          // RFC 6749 §4.1.2: a code that is used twice may have been stolen.
          grant.revoked = true
          yield* Result.fail(
            invalidGrant("The authorization code has already been used. Its tokens have been revoked")()
          )
        }
        yield* RequestChecks.ensure(now < expiresAt, invalidGrant("The authorization code has expired"))
        yield* RequestChecks.ensure(
          exchange.redirectUri === query.redirectUriAsSent,
          invalidGrant("The redirect URI differs from the one in the authorization request")
        )
        yield* RequestChecks.ensure(
          verifier.test(Redacted.value(exchange.codeVerifier)),
          invalidGrant("The code verifier must have 43 to 128 characters: letters, digits, and - . _ ~")
        )
        yield* RequestChecks.ensure(
          exchange.codeChallenge === query.codeChallenge,
          invalidGrant("The code verifier does not match the code challenge of the authorization request")
        )
        request.grant = makeGrant(client.id, query.scopes, approver(request.decision))
        return request.grant
      }),

    all: ({ now }) => byId.values().map((request) => view(request, now))
  }
}
