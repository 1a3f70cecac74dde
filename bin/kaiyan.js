#!/usr/bin/env -S MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=524288 MALLOC_TRIM_THRESHOLD_=524288 node --max-semi-space-size=1
// The first line bounds what glibc and V8 keep of freed memory, and the next statement the threads that decode pictures, each of
// which keeps memory of its own: see docs/architecture.md, "Memory". It is CommonJS because libuv reads its variable when the
// first file is read in the background, which loading an ES module does.
const { availableParallelism } = require('node:os');

process.env.UV_THREADPOOL_SIZE ??= String(Math.max(2, availableParallelism()));
import('../dist/cli/main.js');
