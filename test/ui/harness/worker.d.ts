declare module '*?worker' {
  const Engine: new (options?: { name?: string }) => Worker;
  export default Engine;
}
