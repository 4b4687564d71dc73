/**
 * Why a request was not sent, where the transport itself knows it.
 */
import { causesOf } from "./Causes.ts"
import { ConstructionFailure } from "./ClientError.ts"

/**
 * The `ConstructionFailure` among the causes of an error, if there is one.
 *
 * **Details**
 *
 * A transport with an invalid setting, such as the URL of a proxy, fails with such a cause. Its message says what to do.
 */
export const constructionFailure = (error: unknown): ConstructionFailure | undefined =>
  causesOf(error).find((cause) => cause instanceof ConstructionFailure)
