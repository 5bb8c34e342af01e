/** The bytes of a compiled AssemblyScript file, see assemblyscript.js. */
declare module '*.wasm' {
  const bytes: Uint8Array;
  export default bytes;
}

/** What the parsers use of the WebAssembly of Node, whose types TypeScript keeps with those of browsers. */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module';
  }
  const Module: new (bytes: Uint8Array) => Module;
  interface Instance {
    readonly exports: unknown;
  }
  const Instance: new (module: Module) => Instance;
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
}
