/**
 * What must not compile, and what the types of the public functions say. The compiler checks these: a line below
 * `@ts-expect-error` that compiles is an error of the type check.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Effect, Layer } from "effect"
import { DateTime, Redacted } from "effect"
import {
  DeviceFlow,
  RoleCredentials,
  SsoPortal,
  type SsoSession,
  SsoToken,
  type StartDeviceAuthorization,
  TokenProvider
} from "../../src/index.ts"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles where both types are the same. */
const same = <A, B>(_proof: Equal<A, B>): void => {}

type TagOf<T> = T extends { readonly _tag: infer Tag } ? Tag : never

declare const session: SsoSession.SsoSession
const role = { accountId: "111122223333", roleName: "ReadOnly" }

/** Never run: the compiler alone reads it. */
const compiled = (_program: () => unknown): void => {}

describe("The public types", () => {
  it("do not let a program pass a second session above a provider", () => {
    compiled(() => {
      const list = ({ accessToken }: SsoToken.SsoToken) => SsoPortal.listAccounts({ accessToken })
      return [
        TokenProvider.withToken(list),
        // @ts-expect-error the session is that of the provider
        TokenProvider.withToken(session, list),
        RoleCredentials.layer(role),
        // @ts-expect-error the session is that of the provider
        RoleCredentials.layer(session, role)
      ]
    })
  })

  it("accept a listed role as it is", () => {
    compiled(() => {
      const listed = { accountId: "111122223333", roleName: "ReadOnly" }
      RoleCredentials.layer(listed)
      // @ts-expect-error a role has an account
      RoleCredentials.layer({ roleName: "ReadOnly" })
    })
  })

  it("do not let a time be a text or a number whose unit must be remembered", () => {
    compiled(() => {
      const members = {
        startUrl: "https://example.awsapps.com/start",
        region: "us-east-1",
        accessToken: Redacted.make("")
      }
      const typed = new SsoToken.SsoToken({ ...members, expiresAt: DateTime.makeUnsafe("2026-11-24T10:06:25Z") })
      // @ts-expect-error a time is a DateTime.Utc
      const text = new SsoToken.SsoToken({ ...members, expiresAt: "tomorrow" })
      const device = {} as StartDeviceAuthorization.StartDeviceAuthorizationOutput
      DeviceFlow.schedule(device)
      // @ts-expect-error a lifetime is a Duration
      const seconds: number = device.expiresIn
      return { seconds, text, typed }
    })
  })

  it("show at most six errors above the raw operations", () => {
    compiled(() => {
      same<
        TagOf<Effect.Error<TokenProvider.TokenProvider["Service"]["token"]>>,
        "LoginRequired" | "LoginFailed" | "TokenUnavailable" | "StoreError"
      >(true)
      same<
        TagOf<Effect.Error<RoleCredentials.RoleCredentials["Service"]["credentials"]>>,
        "LoginRequired" | "LoginFailed" | "TokenUnavailable" | "CredentialsUnavailable" | "StoreError"
      >(true)
      same<TagOf<Effect.Error<ReturnType<typeof RoleCredentials.fromProfile>>>, "SessionError">(true)
      same<Layer.Error<ReturnType<typeof RoleCredentials.layer>>, never>(true)
    })
  })

  it("are checked by the compiler, and run nothing", () => {
    assert.isFunction(compiled)
  })
})
