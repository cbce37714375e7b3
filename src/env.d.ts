// What Vite adds to modules: files as text, and `import.meta.glob`.
// Declared here instead of `vite/client`, which would bring the DOM into the engine.
declare module '*?raw' {
  const text: string;
  export default text;
}

declare module '*?worker&url' {
  const url: string;
  export default url;
}

declare module '*.css' {}

interface ImportMeta {
  readonly url: string;
  readonly env: {
    readonly BASE_URL: string;
    readonly MODE: string;
    readonly DEV: boolean;
    readonly PROD: boolean;
  };
  glob<T>(
    pattern: string | string[],
    options: { eager: true; import?: string; query?: string },
  ): Record<string, T>;
  glob<T>(
    pattern: string | string[],
    options?: { eager?: false; import?: string; query?: string },
  ): Record<string, () => Promise<T>>;
}
