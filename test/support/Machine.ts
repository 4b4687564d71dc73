/**
 * A machine with a config file and an environment.
 */
import { ConfigProvider, Effect, FileSystem, Layer, Path, PlatformError } from "effect"

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>
  readonly config?: string
}

export const layer = ({ config, env = {} }: Surroundings): Layer.Layer<FileSystem.FileSystem | Path.Path> =>
  Layer.mergeAll(
    Path.layer,
    ConfigProvider.layer(ConfigProvider.fromEnv({ env: { HOME: "/home/me", ...env } })),
    FileSystem.layerNoop({
      readFile: (path) =>
        path === "/home/me/.aws/config" && config !== undefined
          ? Effect.succeed(new TextEncoder().encode(config))
          : Effect.fail(
              PlatformError.systemError({
                _tag: "NotFound",
                module: "FileSystem",
                method: "readFile",
                pathOrDescriptor: path
              })
            )
    })
  )
