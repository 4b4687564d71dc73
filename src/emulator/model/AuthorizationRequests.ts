/**
 * The authorization requests that came through a browser, the codes that answer them, and what may become of both.
 *
 * Source: RFC 6749 §4.1; RFC 7636 §4.4 and §4.6.
 */
import * as Data from "effect/Data"
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Exceptions from "../../operation/Exceptions.ts"
import { type AuthorizationQuery, callback, sentBack } from "./AuthorizationQuery.ts"
import * as Checks from "./Checks.ts"
import type { Client } from "./Clients.ts"
import { approver, approverName, type Decision, type Status, statusOf } from "./Decision.ts"
import * as Fake from "./Fake.ts"
import * as Tokens from "./Tokens.ts"
import type { Moment } from "./Transition.ts"

/** An authorization request, as far as it may be shown. */
export interface AuthorizationRequest {
  readonly clientName: string
  /** The scopes that it is for. */
  readonly scopes: ReadonlyArray<string>
  readonly redirectUri: string
  /** The issuer or start URL that the client has registered, if any. */
  readonly issuerUrl?: string
  readonly status: Status
  /** The name of the user who approved it. */
  readonly user?: string
  /** When the request, or the code that answered it, expires, in epoch milliseconds of the `Clock`. */
  readonly expiresAt: number
}

/** @internal */
export interface Request {
  readonly id: string
  readonly query: AuthorizationQuery
  /** What its form on the page must bring back. */
  readonly formToken: string
  decision: Decision | undefined
  expiresAt: number
  grant: Tokens.Grant | undefined
}

/**
 * No request waits for an answer under this id.
 *
 * @internal
 */
export class NotPending extends Data.TaggedError("NotPending")<{
  readonly status: Exclude<Status, "pending"> | "unknown"
}> {}

/**
 * What a client exchanges for tokens.
 *
 * @internal
 */
export interface Exchange {
  readonly code: Redacted.Redacted
  readonly redirectUri: string
  readonly codeVerifier: Redacted.Redacted
  /** The challenge that the verifier belongs to. */
  readonly codeChallenge: string
}

/** @internal */
export interface AuthorizationRequests {
  readonly open: (query: AuthorizationQuery, moment: Moment) => Request
  readonly pending: (id: string, moment: Moment) => Result.Result<Request, NotPending>
  /** Takes the answer to a pending request, and returns where the person is sent with it. */
  readonly answer: (request: Request, decision: Decision, moment: Moment) => URL
  readonly redeem: (
    exchange: Exchange,
    client: Client,
    moment: Moment
  ) => Result.Result<Tokens.Grant, Exceptions.InvalidGrantException>
  readonly all: (moment: Moment) => ReadonlyArray<AuthorizationRequest>
}

// RFC 6749 §4.1.2 has a code live for ten minutes at most. The person has as long for an answer.
const lifetime = 10 * 60 * 1000

// RFC 7636 §4.1
const verifier = /^[A-Za-z0-9._~-]{43,128}$/

const currentStatus = (request: Request, now: number): Status =>
  statusOf({ ...request, redeemed: request.grant !== undefined }, now)

const view = (request: Request, now: number): AuthorizationRequest => ({
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

/**
 * No requests yet.
 *
 * @internal
 */
export const make = (): AuthorizationRequests => {
  const requests = new Map<string, Request>()
  const byCode = MutableHashMap.empty<Redacted.Redacted, Request>()

  return {
    open: (query, { now, random }) => {
      const request: Request = {
        id: Fake.nonce(random),
        query,
        formToken: Fake.nonce(random),
        decision: undefined,
        expiresAt: now + lifetime,
        grant: undefined
      }
      requests.set(request.id, request)
      return request
    },

    pending: (id, { now }) => {
      const request = requests.get(id)
      if (request === undefined) {
        return Result.fail(new NotPending({ status: "unknown" }))
      }
      const status = currentStatus(request, now)
      return status === "pending" ? Result.succeed(request) : Result.fail(new NotPending({ status }))
    },

    answer: (request, decision, { now, random }) => {
      request.decision = decision
      if (decision._tag === "Denied") {
        return sentBack(request.query, "access_denied", "The person denied the request").location
      }
      const code = Fake.authorizationCode(random)
      request.expiresAt = now + lifetime
      MutableHashMap.set(byCode, code, request)
      return callback(request.query, [["code", Redacted.value(code)]])
    },

    redeem: (exchange, client, { now }) =>
      Result.gen(function* () {
        const request = yield* MutableHashMap.get(byCode, exchange.code).pipe(
          Option.filter(({ query }) => query.client === client),
          Result.fromOption(invalidGrant("The authorization code was not given to this client"))
        )
        const { expiresAt, grant, query } = request
        if (grant !== undefined) {
          // RFC 6749 §4.1.2: one of the two who had the code was a thief.
          grant.revoked = true
          yield* Result.fail(
            invalidGrant("The authorization code has been used already, and what it gave is revoked")()
          )
        }
        yield* Checks.ensure(now < expiresAt, invalidGrant("The authorization code has expired"))
        yield* Checks.ensure(
          exchange.redirectUri === query.redirectUriAsSent,
          invalidGrant("The redirect URI is not that of the authorization request")
        )
        yield* Checks.ensure(
          verifier.test(Redacted.value(exchange.codeVerifier)),
          invalidGrant("The code verifier must be 43 to 128 letters, digits, and the characters - . _ ~")
        )
        yield* Checks.ensure(
          exchange.codeChallenge === query.codeChallenge,
          invalidGrant("The code verifier is not that of the authorization request")
        )
        const redeemed = Tokens.grant(client.id, query.scopes, approver(request.decision))
        request.grant = redeemed
        return redeemed
      }),

    all: ({ now }) => Array.from(requests.values(), (request) => view(request, now))
  }
}
