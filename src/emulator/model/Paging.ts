/**
 * Lists that are answered in pages.
 */
import * as Base64Url from "effect/encoding/Base64Url"
import * as Result from "effect/Result"
import * as Exceptions from "../../operation/Exceptions.ts"

/**
 * A list, and what tells it from all others.
 *
 * @internal
 */
export interface Listing<A> {
  readonly name: string
  readonly items: ReadonlyArray<A>
}

/** @internal */
export interface Request {
  readonly nextToken?: string | undefined
  readonly maxResults?: number | undefined
}

/** @internal */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly next: { readonly nextToken?: string }
}

// Opaque to whoever gets it, so that nobody comes to count on what is in it
const tokenFor = (name: string, start: number): string => Base64Url.encode(`${start} ${name}`)

// Where a token of this list points to, as long as that is in it
const startOf = <A>({ items, name }: Listing<A>, nextToken: string): Result.Result<number, unknown> =>
  Result.map(Base64Url.decodeString(nextToken), Number.parseInt).pipe(
    Result.filterOrFail(
      (start) => start > 0 && start < items.length && tokenFor(name, start) === nextToken,
      () => "a token of another list"
    )
  )

/**
 * One page of a list, which costs as much as it holds.
 *
 * @internal
 */
export const page = <A>(
  listing: Listing<A>,
  { maxResults, nextToken }: Request,
  size: number
): Result.Result<Page<A>, Exceptions.InvalidRequestException> =>
  (nextToken === undefined ? Result.succeed(0) : startOf(listing, nextToken)).pipe(
    Result.mapError(
      () =>
        new Exceptions.InvalidRequestException({ error_description: "The next_token was not given out for this list" })
    ),
    Result.map((start) => {
      const end = start + (maxResults ?? size)
      return {
        items: listing.items.slice(start, end),
        next: end < listing.items.length ? { nextToken: tokenFor(listing.name, end) } : {}
      }
    })
  )
