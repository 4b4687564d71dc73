/**
 * `/device`: what the page does with a visit and with an answer.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as UrlParams from "effect/http/UrlParams"
import * as Option from "effect/Option"
import * as Pages from "./Pages.ts"
import type { Authorization, Decision, State } from "./State.ts"

/** @internal */
export const path = "/device"

const answered = (status: Exclude<Authorization["status"], "pending">): Pages.Page =>
  status === "expired" ? Pages.expired : Pages.answeredAlready

/**
 * A visit, with or without the code.
 *
 * @internal
 */
export const visit = Effect.fnUntraced(function* (state: State, url: URL) {
  const userCode = url.searchParams.get("user_code")
  if (userCode === null) {
    return Pages.enterCode
  }
  const found = yield* state.find(userCode)
  if (Option.isNone(found)) {
    return Pages.unknownCode(userCode)
  }
  const { authorization, formToken } = found.value
  return authorization.status === "pending" ? Pages.confirm(authorization, formToken) : answered(authorization.status)
})

const decisions: ReadonlyMap<string, Decision> = new Map([
  ["approve", "approved"],
  ["deny", "denied"]
])

/**
 * The form coming back. Only who has seen the page knows the token of its form: a form on another site does not.
 *
 * @internal
 */
export const answer = Effect.fnUntraced(function* (state: State, request: HttpServerRequest.HttpServerRequest) {
  const form = yield* Effect.orElseSucceed(request.urlParamsBody, () => UrlParams.empty)
  const field = (name: string): string => Option.getOrElse(UrlParams.getFirst(form, name), () => "")
  const decision = decisions.get(field("decision"))
  if (decision === undefined) {
    return Pages.malformed
  }
  const userCode = field("user_code")
  const found = yield* state.find(userCode)
  if (Option.isNone(found)) {
    return Pages.unknownCode(userCode)
  }
  if (field("form_token") !== found.value.formToken) {
    return Pages.foreignForm
  }
  return yield* state.decide(userCode, decision).pipe(
    Effect.as(decision === "approved" ? Pages.approved : Pages.denied),
    Effect.catchTag("UnknownUserCode", ({ status }) =>
      Effect.succeed(status === "unknown" ? Pages.unknownCode(userCode) : answered(status))
    )
  )
})
