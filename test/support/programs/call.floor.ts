/** What Effect's own `HttpClient` and `Schema` come to, without this library. */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Schema from "effect/Schema"

const Input = Schema.Struct({ clientId: Schema.String, grantType: Schema.String, deviceCode: Schema.String })
const Output = Schema.Struct({ accessToken: Schema.String, expiresIn: Schema.Number })

export const createToken = (input: typeof Input.Type) =>
  HttpClientRequest.post("https://oidc.us-east-1.amazonaws.com/token").pipe(
    HttpClientRequest.schemaBodyJson(Input)(input),
    Effect.flatMap(HttpClient.execute),
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Output)),
    Effect.provide(FetchHttpClient.layer),
    Effect.runPromise
  )
