/** The bytes of a compiled AssemblyScript file, see assemblyscript.js. */
declare module '*.wasm' {
  const bytes: Uint8Array;
  export default bytes;
}

/** What the parsers use of the WebAssembly of Node, whose types TypeScript keeps with those of browsers. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: unknown;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
}
