/** The part of the WebAssembly interface used here; Node has it, but its types come with the browser's library only. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  function instantiate(
    code: Uint8Array,
    imports: Record<string, never>,
  ): Promise<{ readonly instance: { readonly exports: object } }>;
}
