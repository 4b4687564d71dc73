/**
 * What a person answers to who asks for access, and what becomes of it.
 */
import type { User } from "./User.ts"

/** What has become of an authorization. `redeemed`: approved, and exchanged for a token. */
export type Status = "pending" | "approved" | "denied" | "expired" | "redeemed"

/**
 * The user who approves, or a refusal.
 *
 * @internal
 */
export type Decision = { readonly _tag: "Approved"; readonly by: User } | { readonly _tag: "Denied" }

/** @internal */
export const approvedBy = (user: User): Decision => ({ _tag: "Approved", by: user })

/** @internal */
export const denied: Decision = { _tag: "Denied" }

/** @internal */
export const statusOf = (
  authorization: {
    readonly decision: Decision | undefined
    readonly redeemed: boolean
    readonly expiresAt: number
  },
  now: number
): Status => {
  if (authorization.redeemed) return "redeemed"
  if (authorization.decision?._tag === "Denied") return "denied"
  if (now >= authorization.expiresAt) return "expired"
  return authorization.decision === undefined ? "pending" : "approved"
}

/**
 * The user who approved, if one did.
 *
 * @internal
 */
export const approver = (decision: Decision | undefined): User | undefined =>
  decision?._tag === "Approved" ? decision.by : undefined

/**
 * The name of the user who approved, for those who are shown an authorization.
 *
 * @internal
 */
export const approverName = (decision: Decision | undefined): { readonly user?: string } => {
  const user = approver(decision)
  return user === undefined ? {} : { user: user.name }
}
