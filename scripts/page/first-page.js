/** Puts what the page needs before anything can be seen into one file: each further one is a wait, on a phone a long one. */
const needed = new Set();
/** Packages that name all they have in one module; what of it the first page needs is known later only. */
const SIEVED = /node_modules\/(lucide-react|@base-ui)\//;

export const firstPage = {
  name: 'first-page',
  apply: 'build',
  buildEnd() {
    needed.clear();
    for (const id of this.getModuleIds())
      if (this.getModuleInfo(id)?.isEntry && id.endsWith('index.html')) follow(this, id);
  },
};

/** For Rolldown, which otherwise splits off what other pages need too. */
export const firstPageGroup = { name: 'first', test: (id) => needed.has(id) && !SIEVED.test(id) };

function follow(context, id) {
  if (needed.has(id)) return;
  needed.add(id);
  for (const next of context.getModuleInfo(id)?.importedIds ?? []) follow(context, next);
}
