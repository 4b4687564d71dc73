/**
 * What can be wrong with a value that the user enters.
 */
import * as Result from "effect/Result"
import * as ConfigEdit from "../../config/ConfigEdit.ts"
import { isStartUrl } from "../../operation/StartUrl.ts"
import * as Endpoint from "../../wire/Endpoint.ts"

/** What is wrong with the name of a section, if anything is. */
export const nameProblem =
  (kind: ConfigEdit.Edit["kind"]) =>
  (name: string): string | undefined =>
    Result.isFailure(ConfigEdit.edit("", [{ kind, name, settings: {} }]))
      ? "use only letters, digits, spaces and _ - / . % @ : +"
      : undefined

/** What is wrong with a region, if anything is. */
export const regionProblem = (region: string): string | undefined =>
  Result.isFailure(Endpoint.resolve({ service: "sso-oidc", region })) ? "enter a region such as us-east-1" : undefined

/** What is wrong with a start URL, if anything is. */
export const startUrlProblem = (url: string): string | undefined =>
  isStartUrl(url) && !/\s/.test(url) ? undefined : "enter a URL such as https://example.awsapps.com/start"
