/** Raw requests, as any HTTP client would send them: the emulator is tested without this package's own client. */
import { Effect, Schema } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { IdentityCenter } from "../../src/testing/index.ts"

export const scope = "sso:account:access"
export const startUrl = "https://example.awsapps.com/start"
export const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

const Members = Schema.Record(Schema.String, Schema.Unknown)

/** An answer, with the exception that its header names. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly exception: string | undefined
  readonly text: string
  readonly members: Readonly<Record<string, unknown>>
}

const decodeMembers = Schema.decodeUnknownOption(Schema.fromJsonString(Members))

export const send = Effect.fnUntraced(function* (request: HttpClientRequest.HttpClientRequest) {
  const response = yield* HttpClient.execute(request)
  const text = yield* response.text
  const members = decodeMembers(text)
  return {
    status: response.status,
    headers: response.headers,
    exception: response.headers["x-amzn-errortype"]?.split(":")[0],
    text,
    members: members._tag === "Some" ? members.value : {}
  } satisfies Reply
})

export const address = (path: string) =>
  Effect.map(IdentityCenter.IdentityCenter, (center) => new URL(path, center.baseUrl).href)

export const post = Effect.fnUntraced(function* (path: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return yield* send(
    HttpClientRequest.post(yield* address(path)).pipe(
      HttpClientRequest.bodyText(text, "application/json"),
      HttpClientRequest.setHeaders(headers)
    )
  )
})

export const get = Effect.fnUntraced(function* (path: string) {
  return yield* send(HttpClientRequest.get(yield* address(path)))
})

const Client = Schema.Struct({ clientId: Schema.String, clientSecret: Schema.String })
type Client = typeof Client.Type

export const register = Effect.fnUntraced(function* (members: Readonly<Record<string, unknown>> = {}) {
  const reply = yield* post("/client/register", {
    clientName: "a tool",
    clientType: "public",
    scopes: [scope],
    ...members
  })
  return yield* Schema.decodeUnknownEffect(Client)(reply.members)
})

const Device = Schema.Struct({
  deviceCode: Schema.String,
  userCode: Schema.String,
  verificationUri: Schema.String,
  verificationUriComplete: Schema.String,
  expiresIn: Schema.Finite,
  interval: Schema.Finite
})

export const start = Effect.fnUntraced(function* (client: Client) {
  const reply = yield* post("/device_authorization", { ...client, startUrl })
  return yield* Schema.decodeUnknownEffect(Device)(reply.members)
})

export const poll = (client: Client, device: { readonly deviceCode: string }) =>
  post("/token", { ...client, grantType: deviceGrant, deviceCode: device.deviceCode })

export const refresh = (client: Client, refreshToken: unknown) =>
  post("/token", { ...client, grantType: "refresh_token", refreshToken })

/** A client with a token, and the answer that brought it. */
export const signIn = Effect.fnUntraced(function* (members: Readonly<Record<string, unknown>> = {}) {
  const center = yield* IdentityCenter.IdentityCenter
  const client = yield* register(members)
  const device = yield* start(client)
  yield* center.approve(device.userCode)
  return { client, device, token: yield* poll(client, device) }
})
