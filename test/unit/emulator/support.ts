/** Raw HTTP requests: the emulator is tested without this library's client. */
import { Effect, Schema } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { IdentityCenter } from "../../../src/emulator/index.ts"

export const scope = "sso:account:access"
export const startUrl = "https://example.awsapps.com/start"
export const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

const Members = Schema.Record(Schema.String, Schema.Unknown)

/** A response, with the exception from its header. */
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

export const get = Effect.fnUntraced(function* (path: string, headers: Record<string, string> = {}) {
  return yield* send(HttpClientRequest.get(yield* address(path)).pipe(HttpClientRequest.setHeaders(headers)))
})

/** The header with the access token for the portal. */
export const bearer = (accessToken: unknown) => ({ "x-amz-sso_bearer_token": String(accessToken) })

export const accounts = (accessToken: unknown, query = "") => get(`/assignment/accounts${query}`, bearer(accessToken))

export const roles = (accessToken: unknown, accountId: string, more = "") =>
  get(`/assignment/roles?account_id=${accountId}${more}`, bearer(accessToken))

export const credentials = (accessToken: unknown, accountId: string, roleName: string) =>
  get(
    `/federation/credentials?${new URLSearchParams({ account_id: accountId, role_name: roleName })}`,
    bearer(accessToken)
  )

export const logout = Effect.fnUntraced(function* (accessToken: unknown) {
  return yield* send(
    HttpClientRequest.post(yield* address("/logout")).pipe(HttpClientRequest.setHeaders(bearer(accessToken)))
  )
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

/** A client with a token, and the response that contained it. */
export const signIn = Effect.fnUntraced(function* (members: Readonly<Record<string, unknown>> = {}, user?: string) {
  const center = yield* IdentityCenter.IdentityCenter
  const client = yield* register(members)
  const device = yield* start(client)
  yield* center.approve(device.userCode, { user })
  const token = yield* poll(client, device)
  return { client, device, token, accessToken: token.members["accessToken"] }
})

/** Submits the form on a page with one of its buttons. */
export const press = Effect.fnUntraced(function* (
  path: string,
  page: string,
  decision: string,
  changes: Readonly<Record<string, string>> = {}
) {
  const hidden = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)" \/>/g)]
  const fields = Object.fromEntries(hidden.map(([, name, value]) => [String(name), String(value)]))
  return yield* send(
    HttpClientRequest.post(yield* address(path)).pipe(
      HttpClientRequest.bodyUrlParams({ ...fields, decision, ...changes })
    )
  )
})

export const heading = (page: string) => /<h1>(.*)<\/h1>/.exec(page)?.[1]

/** The vector of RFC 7636, Appendix B. */
export const pkce = {
  verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
}

/** The redirect URI of a native client: as registered, and with the port of its listener (RFC 8252 §7.3). */
export const registeredUri = "http://127.0.0.1/oauth/callback"
export const redirectUri = "http://127.0.0.1:45678/oauth/callback"

/** A client of the authorization code flow. */
export const registerBrowser = (members: Readonly<Record<string, unknown>> = {}) =>
  register({
    redirectUris: [registeredUri],
    grantTypes: ["authorization_code", "refresh_token"],
    issuerUrl: startUrl,
    ...members
  })

/** The path of an authorization request, with changed or (`undefined`) omitted parameters. */
export const authorizePath = (
  client: { readonly clientId: string },
  changes: Readonly<Record<string, string | undefined>> = {}
): string => {
  const query = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: redirectUri,
    state: "a state",
    code_challenge_method: "S256",
    scopes: scope,
    code_challenge: pkce.challenge,
    ...changes
  }
  return `/authorize?${new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  )}`
}

/** The redirect after a user has decided about an authorization request. */
export const signInAt = Effect.fnUntraced(function* (
  path: string,
  options?: { readonly approve?: boolean; readonly user?: string }
) {
  const center = yield* IdentityCenter.IdentityCenter
  return yield* center.signIn(new URL(path, center.baseUrl), options)
})

/** Exchanges the code in a redirect for tokens. */
export const exchange = (client: Client, redirect: URL, changes: Readonly<Record<string, unknown>> = {}) =>
  post("/token", {
    ...client,
    grantType: "authorization_code",
    code: redirect.searchParams.get("code"),
    redirectUri,
    codeVerifier: pkce.verifier,
    ...changes
  })

/** The location of a redirect. */
export const location = ({ headers }: Reply): URL => new URL(headers["location"] ?? "nowhere:")

/** The error of a call of another client. `undefined`: the call succeeded. */
export const caught = (call: () => Promise<unknown>) =>
  Effect.promise(() =>
    call().then(
      () => undefined,
      (error: unknown) => error
    )
  )
