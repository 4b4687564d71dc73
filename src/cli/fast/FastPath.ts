/**
 * Serves `token` and `credentials` from the files of the store, with as little as possible: AWS tools start these commands
 * before each of their own. It takes the usual forms of everything, reads them with the functions of the library that are
 * pure, and changes nothing. Whatever is unusual, not fresh or wrong is left to the commands.
 */
import { join } from "node:path"
import * as Result from "effect/Result"
import * as Refresh from "../../provider/Refresh.ts"
import * as FileTitle from "../../store/FileTitle.ts"
import * as JsonObject from "../../wire/JsonObject.ts"
import { refreshFirst } from "../commands/Freshness.ts"
import * as PlainCredentials from "../commands/PlainCredentials.ts"
import type * as FormatInput from "../flags/FormatInput.ts"
import type * as RoleInput from "../flags/RoleInput.ts"
import type * as SessionInput from "../flags/SessionInput.ts"
import { safeJson } from "../terminal/SafeText.ts"
import type { Invocation } from "./FastArguments.ts"
import * as FastFiles from "./FastFiles.ts"
import * as FastSession from "./FastSession.ts"

const policy: Refresh.Policy = { refreshAhead: refreshFirst, refreshFirst, minInterval: 0 }

/** The time as it is printed, if it is written as AWS tools do, and a value that expires then needs no refresh. */
const freshUntil = (text: unknown, now: number): string | undefined => {
  const time = timeOf(text)
  if (time === undefined) return undefined
  const held = { expiresAt: time.getTime(), canRefresh: true }
  if (Refresh.decide({ unwritten: false }, held, now, policy).action !== "Serve") return undefined
  return time.toISOString().replace(/\.\d{3}Z$/, "Z")
}

const timeOf = (text: unknown): Date | undefined => {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/.test(text)) return undefined
  const time = new Date(text)
  // `Date` reads the 30th of February as the 2nd of March
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 19)) ? time : undefined
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== ""

const readObject = (path: string): JsonObject.JsonObject | undefined => {
  const text = FastFiles.read(path, true)
  return typeof text === "string" ? Result.getOrUndefined(JsonObject.parse(text)) : undefined
}

const token = (input: SessionInput.Input, env: FastSession.Environment, home: string, now: number) => {
  const session = FastSession.session(input, env, home)
  if (session === undefined) return undefined
  const entry = readObject(join(home, ".aws", "sso", "cache", `${FastFiles.sha1(FileTitle.ofToken(session))}.json`))
  if (entry === undefined) return undefined
  const { accessToken, clientId, clientSecret, refreshToken, region, registrationExpiresAt, startUrl } =
    JsonObject.withoutNulls(entry)
  const expiresAt = freshUntil(entry["expiresAt"], now)
  const isUsual =
    isText(accessToken) &&
    [startUrl, region, clientId, clientSecret, refreshToken].every((value) => value === undefined || isText(value)) &&
    (startUrl === undefined || (isText(startUrl) && FastSession.isStartUrl(startUrl))) &&
    (registrationExpiresAt === undefined || timeOf(registrationExpiresAt) !== undefined)
  return expiresAt === undefined || !isUsual
    ? undefined
    : { accessToken, expiresAt, startUrl: startUrl ?? session.startUrl, region: region ?? session.region }
}

const formats = { process: PlainCredentials.process, json: PlainCredentials.json }

const credentials = (
  { format, ...input }: RoleInput.Input & FormatInput.Input,
  env: FastSession.Environment,
  home: string,
  now: number
) => {
  if ((format !== "process" && format !== "json") || input.noCache) return undefined
  const role = FastSession.role(input, env, home)
  if (role === undefined) return undefined
  const title = FileTitle.ofCredentials(role.session, role)
  const entry = readObject(join(home, ".aws", "cli", "cache", `${FastFiles.sha1(title)}.json`))
  if (entry === undefined) return undefined
  const { Credentials, ProviderType, SsoSession } = entry
  if (ProviderType !== "sso" || !(SsoSession === undefined || typeof SsoSession === "string")) return undefined
  if (typeof Credentials !== "object" || Credentials === null) return undefined
  const { AccessKeyId, AccountId, Expiration, SecretAccessKey, SessionToken }: JsonObject.JsonObject = {
    ...Credentials
  }
  const expiration = freshUntil(Expiration, now)
  return expiration === undefined ||
    !isText(AccessKeyId) ||
    !isText(SecretAccessKey) ||
    !isText(SessionToken) ||
    !(AccountId === undefined || typeof AccountId === "string")
    ? undefined
    : formats[format]({ AccessKeyId, SecretAccessKey, SessionToken, Expiration: expiration, AccountId: role.accountId })
}

/** What an invocation prints, if it can be served. */
export const serve = (
  invocation: Exclude<Invocation, { readonly command: "version" }>,
  env: FastSession.Environment,
  now: number
): string | undefined => {
  const home = FastSession.home(env)
  if (home === undefined) return undefined
  const value =
    invocation.command === "token"
      ? token(invocation.input, env, home, now)
      : credentials(invocation.input, env, home, now)
  return value && safeJson(value)
}
