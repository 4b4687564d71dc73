/** What a mocked service does in the operations that the test does not give. */
import * as Effect from "effect/Effect"

/** An operation that dies when it is called. */
export const unmocked = (service: string) => (operation: string) => (): Effect.Effect<never> =>
  Effect.die(new Error(`${service}.${operation} was called, but ${service}.layerMock was not given it`))
