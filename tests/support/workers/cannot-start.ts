/** A worker that throws before it is ready. */
throw new Error('no luck at the start');
