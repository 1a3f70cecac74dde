/** The address of a small copy of a picture, made by `vite.config.js`. */
declare module '*?small' {
  const address: string;
  export default address;
}
