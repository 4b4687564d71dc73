/** The credentials of a role, by a token that is refreshed. */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as RoleCredentials from "effect-aws-sso/RoleCredentials"
import * as SsoOidc from "effect-aws-sso/SsoOidc"
import * as SsoPortal from "effect-aws-sso/SsoPortal"
import type { SsoSession } from "effect-aws-sso/SsoSession"
import * as SsoStore from "effect-aws-sso/SsoStore"
import * as TokenProvider from "effect-aws-sso/TokenProvider"

const services = Layer.mergeAll(SsoOidc.layer(), SsoPortal.layer(), SsoStore.layerMemory()).pipe(
  Layer.provide(FetchHttpClient.layer)
)

export const credentials = (session: SsoSession, role: RoleCredentials.Role) =>
  RoleCredentials.RoleCredentials.use(({ credentials }) => credentials).pipe(
    Effect.provide(
      RoleCredentials.layer(role).pipe(Layer.provide(TokenProvider.layer(session)), Layer.provide(services))
    ),
    Effect.runPromise
  )
