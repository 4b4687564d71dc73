/**
 * The decision of a user about an authorization, and the status that follows from it.
 */
import type { DirectoryUser } from "./DirectoryUser.ts"

/** The status of an authorization. `redeemed`: approved, and exchanged for a token. */
export type AuthorizationStatus = "pending" | "approved" | "denied" | "expired" | "redeemed"

/** Approval in the name of a user, or denial. */
export type AuthorizationDecision =
  | { readonly _tag: "Approved"; readonly by: DirectoryUser }
  | { readonly _tag: "Denied" }

export const approvedBy = (user: DirectoryUser): AuthorizationDecision => ({ _tag: "Approved", by: user })

export const denied: AuthorizationDecision = { _tag: "Denied" }

export const statusOf = (
  authorization: {
    readonly decision: AuthorizationDecision | undefined
    readonly redeemed: boolean
    readonly expiresAt: number
  },
  now: number
): AuthorizationStatus => {
  if (authorization.redeemed) return "redeemed"
  if (authorization.decision?._tag === "Denied") return "denied"
  if (now >= authorization.expiresAt) return "expired"
  return authorization.decision === undefined ? "pending" : "approved"
}

/** The user who approved. */
export const approver = (decision: AuthorizationDecision | undefined): DirectoryUser | undefined =>
  decision?._tag === "Approved" ? decision.by : undefined

/** The name of the user who approved, as a member of a public view. */
export const approverName = (decision: AuthorizationDecision | undefined): { readonly user?: string } => {
  const user = approver(decision)
  return user === undefined ? {} : { user: user.name }
}
