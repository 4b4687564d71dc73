/**
 * Lists that are returned in pages.
 */
import * as Base64Url from "effect/encoding/Base64Url"
import * as Result from "effect/Result"
import * as Exceptions from "../../operation/Exceptions.ts"

export interface Listing<A> {
  /** Distinguishes this list from all others. */
  readonly name: string
  readonly items: ReadonlyArray<A>
}

export interface PageRequest {
  readonly nextToken?: string | undefined
  readonly maxResults?: number | undefined
}

export interface ListingPage<A> {
  readonly items: ReadonlyArray<A>
  readonly next: { readonly nextToken?: string }
}

// Opaque, so that no client depends on its content.
const tokenFor = (name: string, start: number): string => Base64Url.encode(`${start} ${name}`)

// The position that a token of this list refers to.
const startOf = <A>({ items, name }: Listing<A>, nextToken: string): Result.Result<number, unknown> =>
  Result.map(Base64Url.decodeString(nextToken), Number.parseInt).pipe(
    Result.filterOrFail(
      (start) => start > 0 && start < items.length && tokenFor(name, start) === nextToken,
      () => "a token of another list"
    )
  )

/** One page of a list. Its cost depends on the size of the page, not on the size of the list. */
export const page = <A>(
  listing: Listing<A>,
  { maxResults, nextToken }: PageRequest,
  defaultSize: number
): Result.Result<ListingPage<A>, Exceptions.InvalidRequestException> =>
  (nextToken === undefined ? Result.succeed(0) : startOf(listing, nextToken)).pipe(
    Result.mapError(
      () => new Exceptions.InvalidRequestException({ error_description: "The next_token does not belong to this list" })
    ),
    Result.map((start) => {
      const end = start + (maxResults ?? defaultSize)
      return {
        items: listing.items.slice(start, end),
        next: end < listing.items.length ? { nextToken: tokenFor(listing.name, end) } : {}
      }
    })
  )
