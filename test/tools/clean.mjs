// Removes what an earlier build wrote, so that no file of a module that is gone stays behind.
import { rmSync } from "node:fs"

for (const directory of ["dist", "build"]) rmSync(directory, { recursive: true, force: true })
