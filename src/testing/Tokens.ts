/**
 * The tokens that were given out, and which of them are still worth something.
 *
 * @since 0.1.0
 */
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"
import type * as Random from "effect/Random"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as CreateToken from "../operation/CreateToken.ts"
import * as Exceptions from "../operation/Exceptions.ts"
import * as Fake from "./Fake.ts"
import { wholeSeconds } from "./Transition.ts"

/**
 * What a client was allowed. The tokens that were given out on its account are revoked with it.
 *
 * @internal
 */
export interface Grant {
  readonly clientId: string
  readonly scopes: ReadonlyArray<string>
  revoked: boolean
}

/** @internal */
export interface Tokens {
  readonly issue: (grant: Grant, refreshable: boolean, random: Random.Random) => CreateToken.Output
  /** Takes a refresh token back. It works once: whoever uses it is given the next one. */
  readonly redeem: (
    refreshToken: Redacted.Redacted,
    clientId: string
  ) => Result.Result<Grant, Exceptions.InvalidGrantException>
  readonly revoke: () => void
}

/** @internal */
export const grant = (clientId: string, scopes: ReadonlyArray<string>): Grant => ({ clientId, scopes, revoked: false })

/**
 * No tokens yet.
 *
 * @internal
 */
export const make = (options: { readonly lifetime: number }): Tokens => {
  const refreshTokens = MutableHashMap.empty<Redacted.Redacted, Grant>()

  const issueRefreshToken = (grant: Grant, random: Random.Random): Redacted.Redacted => {
    const refreshToken = Fake.refreshToken(random)
    MutableHashMap.set(refreshTokens, refreshToken, grant)
    return refreshToken
  }

  return {
    issue: (grant, refreshable, random) => ({
      accessToken: Fake.accessToken(random),
      tokenType: "Bearer",
      expiresIn: wholeSeconds(options.lifetime),
      ...(refreshable ? { refreshToken: issueRefreshToken(grant, random) } : {})
    }),

    redeem: (refreshToken, clientId) =>
      Option.filter(
        MutableHashMap.get(refreshTokens, refreshToken),
        (grant) => grant.clientId === clientId && !grant.revoked
      ).pipe(
        Result.fromOption(
          () =>
            new Exceptions.InvalidGrantException({
              error_description: "The refresh token is unknown, used, revoked or another client's"
            })
        ),
        Result.map((grant) => {
          MutableHashMap.remove(refreshTokens, refreshToken)
          return grant
        })
      ),

    revoke: () => {
      MutableHashMap.clear(refreshTokens)
    }
  }
}
